package import EngineProtocol
import Foundation

/// Which trials are shown: terms that must all be true, such as `learningRate>0.01 state=running accuracy>97%`, or a
/// regular expression.
///
/// A term is a column, a comparison (`=`, `!=`, `<`, `<=`, `>`, `>=`, or `~` for a regular expression) and a value. Any other
/// word is a regular expression that some value of the trial must match. Capitals don't matter.
package struct TrialFilter: Sendable {
  /// Why a text is no filter.
  package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
  }

  private enum Comparison: String, CaseIterable {
    // Those that begin with another one go first.
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case different = "!="
    case less = "<"
    case greater = ">"
    case equal = "="
    case like = "~"
  }

  private enum Term: Sendable {
    case number(TrialColumn, Comparison, Double)
    case text(TrialColumn, isEqual: Bool, String)
    case expression(TrialColumn?, NSRegularExpression)
  }

  /// The text as it was typed.
  package let text: String
  private let terms: [Term]

  /// Shows all trials.
  package static let all = TrialFilter()

  private init() { (text, terms) = ("", []) }

  /// Whether all trials are shown.
  package var isEmpty: Bool { terms.isEmpty }

  /// Reads a filter.
  /// - Throws: `Mistake` with what was expected and found.
  package init(_ text: String, in sweep: SweepSnapshot) throws {
    self.text = text
    terms = try text.split(separator: " ").map { try Self.term(String($0), in: sweep) }
  }

  /// Returns whether a trial is shown.
  package func accepts(_ trial: SweepSnapshot.Trial, in sweep: SweepSnapshot) -> Bool {
    terms.allSatisfy { term in
      switch term {
      case .number(let column, let comparison, let value):
        guard let number = column.number(of: trial) else { return comparison == .different }
        switch comparison {
        case .less: return number < value
        case .lessOrEqual: return number <= value
        case .greater: return number > value
        case .greaterOrEqual: return number >= value
        case .different: return number != value
        case .equal, .like: return number == value
        }
      case .text(let column, let isEqual, let value):
        return (column.text(of: trial, in: sweep)?.lowercased() == value) == isEqual
      case .expression(let column, let expression):
        let texts =
          (column.map { [$0] } ?? TrialColumn.all(of: sweep)).compactMap { $0.text(of: trial, in: sweep) }
        return texts.contains { text in
          expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
        }
      }
    }
  }

  private static func term(_ word: String, in sweep: SweepSnapshot) throws -> Term {
    guard let start = word.firstIndex(where: { "<>=!~".contains($0) }), start > word.startIndex,
      let comparison = Comparison.allCases.first(where: { word[start...].hasPrefix($0.rawValue) })
    else { return .expression(nil, try expression(word)) }
    let name = String(word[..<start])
    let value = String(word[start...].dropFirst(comparison.rawValue.count))
    guard let column = TrialColumn.named(name, in: sweep) else {
      // A regular expression may contain these signs.
      if comparison == .equal || comparison == .different { return .expression(nil, try expression(word)) }
      let names = TrialColumn.all(of: sweep).map { $0.title(in: sweep) }
      throw Mistake(
        description: "expected a column (\(names.joined(separator: ", "))), found “\(name)”"
          + NearestName.question(name, among: names))
    }
    if comparison == .like { return .expression(column, try expression(value)) }
    guard !value.isEmpty else { throw Mistake(description: "\(word): expected a value after \(comparison.rawValue)") }
    if column.isNumeric, let number = number(value) { return .number(column, comparison, number) }
    guard comparison == .equal || comparison == .different else {
      throw Mistake(description: "\(word): expected a number after \(comparison.rawValue), found “\(value)”")
    }
    let known = column == .state && value.lowercased() == "running" ? TrialState.training.rawValue : value.lowercased()
    return .text(column, isEqual: comparison == .equal, known)
  }

  // “97%” is 0.97.
  private static func number(_ text: String) -> Double? {
    if text.hasSuffix("%") { return Double(text.dropLast()).map { $0 / 100 } }
    return Double(text)
  }

  private static func expression(_ text: String) throws -> NSRegularExpression {
    do {
      return try NSRegularExpression(pattern: text, options: .caseInsensitive)
    } catch {
      throw Mistake(description: "expected a regular expression, found “\(text)”")
    }
  }
}
