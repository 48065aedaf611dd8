import EngineProtocol
import Foundation
import Tensors

/// A key of the experiment that a sweep varies.
package struct SweepParameter: Hashable, Sendable {
  /// The values that a parameter takes.
  package enum Domain: Hashable, Sendable {
    /// Values as they are written for `--set`.
    case list([String])
    /// Numbers from `lower` to `upper`, evenly spaced; `points` of them in a grid.
    case linear(lower: Double, upper: Double, points: Int?)
    /// Positive numbers from `lower` to `upper`, evenly spaced in their logarithm; `points` of them in a grid.
    case log(lower: Double, upper: Double, points: Int?)
    /// Whole numbers from `lower` to `upper`, `step` apart.
    case integer(lower: Int, upper: Int, step: Int)
  }

  /// Restricts a parameter to the settings in which another one has certain values.
  package struct Condition: Hashable, Sendable {
    /// The name of a parameter that is listed before.
    package var parameter: String
    /// The values with which the parameter is used.
    package var values: [String]
  }

  /// The key as for `--set`: `lane.key`, or `key` for all lanes.
  package var name: String
  /// The values.
  package var domain: Domain
  /// All of these must hold; otherwise the parameter is left as the experiment has it.
  package var conditions: [Condition] = []
  /// Its place in the file, for error messages: “sweep.yaml:12”.
  package var place: String = ""

  /// Returns whether the parameter is used beside these values of the parameters before it.
  func applies(beside values: [SweepAssignment]) -> Bool {
    conditions.allSatisfy { condition in
      values.contains { $0.name == condition.parameter && condition.values.contains($0.value) }
    }
  }

  /// The values of a grid, in order.
  var grid: [String] {
    switch domain {
    case .list(let values): values
    case .linear(let lower, let upper, let points):
      Self.spaced(points) { Self.text(lower + (upper - lower) * $0) }
    case .log(let lower, let upper, let points):
      Self.spaced(points) { Self.text(lower * pow(upper / lower, $0)) }
    case .integer(let lower, let upper, let step): stride(from: lower, through: upper, by: step).map(String.init)
    }
  }

  /// The number of different values; nil for a range of real numbers.
  var count: Int? {
    switch domain {
    case .list(let values): values.count
    case .linear, .log: nil
    case .integer(let lower, let upper, let step): (upper - lower) / step + 1
    }
  }

  /// Draws a value, uniformly over the list or over the range on its axis.
  func draw(_ generator: inout Philox) -> String {
    // 53 bits: every double in [0, 1) that is a multiple of 2⁻⁵³.
    func share() -> Double { Double(generator.next() >> 11) * 0x1p-53 }
    switch domain {
    case .list(let values): return values[Int(generator.below(UInt64(values.count)))]
    case .linear(let lower, let upper, _): return Self.text(lower + (upper - lower) * share())
    case .log(let lower, let upper, _): return Self.text(lower * pow(upper / lower, share()))
    case .integer(let lower, _, let step):
      return String(lower + step * Int(generator.below(UInt64(count ?? 1))))
    }
  }

  private static func spaced(_ points: Int?, _ value: (Double) -> String) -> [String] {
    let count = points ?? 1
    return (0..<count).map { value(count == 1 ? 0 : Double($0) / Double(count - 1)) }
  }

  // Four significant digits, so that the value in tables and on the command line is exactly the one that is trained.
  private static func text(_ number: Double) -> String {
    WrittenNumber.text(Double(String(format: "%.4g", number)) ?? number)
  }
}

/// A parameter with its value in a setting.
package struct SweepAssignment: Hashable, Codable, Sendable {
  /// The parameter's name.
  package var name: String
  /// The value as written for `--set`.
  package var value: String

  /// A parameter and its value.
  package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

  /// The change in the form of `--set`.
  package var change: String { "\(name)=\(value)" }
}
