package import EngineProtocol
import Foundation

extension Hyperparameter {
  /// Returns the value one step from `value` on this hyperparameter's scale.
  ///
  /// Linear: the next multiple of the step. Logarithmic: fine steps through 1-1.2-1.5-2-2.5-3-4-5-6-8-10, coarse steps
  /// through 1-3-10. Whole numbers: the next multiple. Powers of two: one or two powers. Choices: the next word,
  /// cyclically.
  /// - Parameter direction: 1 to increase, -1 to decrease.
  /// - Returns: a value within the range; `value` itself at the end of the range.
  package func step(_ value: HyperparameterValue, direction: Int, size: StepSize) -> HyperparameterValue {
    let specification = specification
    switch (specification.scale, value) {
    case (.choice(let words), .word(let word)):
      guard let place = words.firstIndex(of: word) else { return value }
      return .word(words[(place + direction + words.count) % words.count])
    case (.choice, .number), (_, .word):
      return value
    case (let scale, .number(let number)):
      let next = scale.neighbour(of: number, direction: direction, size: size, range: specification.range)
      return .number(min(max(next, specification.range.lowerBound), specification.range.upperBound))
    }
  }
}

extension HyperparameterScale {
  /// Returns the next value of the scale above or below `number`, which may be outside `range`.
  fileprivate func neighbour(
    of number: Double, direction: Int, size: StepSize, range: ClosedRange<Double>
  ) -> Double {
    switch self {
    case .linear(let fine, let coarse):
      Self.nextMultiple(of: size == .fine ? fine : coarse, from: number, direction: direction)
    case .integer(let fine, let coarse):
      Self.nextMultiple(of: Double(size == .fine ? fine : coarse), from: number, direction: direction)
    case .powerOfTwo:
      Self.nextPowerOfTwo(from: number, direction: direction, powers: size == .fine ? 1 : 2)
    case .logarithmic:
      Self.nextMantissa(
        size == .fine ? [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8] : [1, 3], from: number, direction: direction, range: range)
    case .choice:
      number
    }
  }

  // For a fractional step such as 0.01, multiples are divided by a whole number, so that they are exact decimals: 0.3,
  // not 0.30000000000000004.
  private static func nextMultiple(of step: Double, from number: Double, direction: Int) -> Double {
    let inverse = (1 / step).rounded()
    let isFraction = step < 1 && abs(inverse * step - 1) < 1e-9
    let place = isFraction ? number * inverse : number / step
    let next = direction > 0 ? (place + 1e-6).rounded(.down) + 1 : (place - 1e-6).rounded(.up) - 1
    return isFraction ? next / inverse : next * step
  }

  private static func nextPowerOfTwo(from number: Double, direction: Int, powers: Int) -> Double {
    guard number >= 1 else { return direction > 0 ? 1 : number }
    let place = log2(number)
    let next =
      direction > 0 ? (place + 1e-9).rounded(.down) + Double(powers) : (place - 1e-9).rounded(.up) - Double(powers)
    return exp2(next)
  }

  // If the range includes 0, the scale ends at `least`, followed by 0.
  private static func nextMantissa(
    _ mantissas: [Double], from number: Double, direction: Int, range: ClosedRange<Double>
  ) -> Double {
    let least = 1e-6
    guard number > 0 else { return direction > 0 ? max(least, range.lowerBound) : number }
    if direction < 0, range.lowerBound <= 0, number <= least * (1 + 1e-9) { return 0 }
    let exponent = Int(log10(number).rounded(.down))
    // Parsing decimal text gives the double nearest to 3e-4; a product of powers of ten would not.
    let places = (exponent - 1...exponent + 1).flatMap { decade in
      mantissas.compactMap { Double("\($0)e\(decade)") }
    }
    if direction > 0 { return places.first { $0 > number * (1 + 1e-9) } ?? number }
    return places.last { $0 < number * (1 - 1e-9) } ?? number
  }
}

/// The size of an arrow key's step.
package enum StepSize: Hashable, Sendable {
  /// The next value of the scale.
  case fine
  /// A larger step: half a decade, ten epochs.
  case coarse
}
