/// The specification of a hyperparameter: title, range, scale and unit.
package struct HyperparameterSpecification: Hashable, Codable, Sendable {
  /// The name on the screen.
  package var title: String
  /// A shorter name for chart marks and narrow screens; nil to use the title.
  package var shortTitle: String?
  /// The unit; empty if there is none.
  package var unit: String
  /// The allowed values; unused for a choice.
  package var range: ClosedRange<Double>
  /// How the arrow keys change it.
  package var scale: HyperparameterScale
  /// One line on its effect.
  package var summary: String

  /// Describes a hyperparameter.
  package init(
    title: String, shortTitle: String? = nil, unit: String = "", range: ClosedRange<Double> = 0...1,
    scale: HyperparameterScale, summary: String
  ) {
    self.title = title
    self.shortTitle = shortTitle
    self.unit = unit
    self.range = range
    self.scale = scale
    self.summary = summary
  }
}

/// How the arrow keys change a hyperparameter.
package enum HyperparameterScale: Hashable, Codable, Sendable {
  /// Equal steps of these sizes.
  case linear(fine: Double, coarse: Double)
  /// A ratio: fine steps through 1-1.2-1.5-2-2.5-3-4-5-6-8, coarse steps through 1-3-10.
  case logarithmic
  /// Whole numbers with steps of these sizes.
  case integer(fine: Int, coarse: Int)
  /// Powers of two.
  case powerOfTwo
  /// One of these words.
  case choice([String])
}

extension HyperparameterSpecification {
  /// The accepted values for display: “a number from 0 to 0.95”.
  package var expectation: String {
    let (lower, upper) = (HyperparameterValue.number(range.lowerBound), HyperparameterValue.number(range.upperBound))
    switch scale {
    case .choice(let words): return words.joined(separator: " or ")
    case .integer, .powerOfTwo: return "a whole number from \(lower) to \(upper)"
    case .linear, .logarithmic: return "a number from \(lower) to \(upper)"
    }
  }
}

extension Hyperparameter {
  /// Parses `text` as a value of this hyperparameter.
  /// - Throws: `InvalidHyperparameterValue`, with what was expected and found.
  package func parse(_ text: String) throws -> HyperparameterValue {
    if case .choice(let words) = specification.scale {
      guard words.contains(text) else { throw InvalidHyperparameterValue(self, found: "“\(text)”") }
      return .word(text)
    }
    guard let number = WrittenNumber.decimal(text) else { throw InvalidHyperparameterValue(self, found: "“\(text)”") }
    let value = HyperparameterValue.number(number)
    try validate(value)
    return value
  }

  /// Checks that `value` is of the right kind and within the declared range.
  /// - Throws: `InvalidHyperparameterValue`, with what was expected and found.
  package func validate(_ value: HyperparameterValue) throws {
    let specification = specification
    switch (specification.scale, value) {
    case (.choice(let words), .word(let word)):
      if words.contains(word) { return }
    case (.choice, .number), (_, .word):
      break
    case (.integer, .number(let number)), (.powerOfTwo, .number(let number)):
      // Any whole number may be typed; the scale only determines the steps of the arrow keys.
      if specification.range.contains(number), number == number.rounded() { return }
    case (_, .number(let number)):
      if specification.range.contains(number) { return }
    }
    throw InvalidHyperparameterValue(self, found: "\(value)")
  }

  /// What `validate` accepts, in words: “a number from 0 to 0.95”.
  package var expectation: String { specification.expectation }
}

/// An invalid value of a hyperparameter.
package struct InvalidHyperparameterValue: Error, Sendable, CustomStringConvertible {
  /// The hyperparameter.
  package let hyperparameter: Hyperparameter
  /// The value found, as text.
  package let found: String

  init(_ hyperparameter: Hyperparameter, found: String) {
    self.hyperparameter = hyperparameter
    self.found = found
  }

  package var description: String {
    "\(hyperparameter.rawValue): expected \(hyperparameter.expectation), found \(found)"
  }
}
