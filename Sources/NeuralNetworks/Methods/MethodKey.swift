package import EngineProtocol

/// A key of a lane that a method defines: a row of the table of keys.
///
/// Its value is stored by name in the plan's `MethodOptions`. Several methods can share a key.
package struct MethodKey: Sendable {
  /// The name in experiments and in `--set`.
  package let name: String
  /// The accepted values.
  package let values: Values
  /// The default value.
  package let standard: HyperparameterValue
  /// One line on its effect.
  package let summary: String
  /// The specification of a hyperparameter that can be changed during training; nil if it cannot.
  package let knob: HyperparameterSpecification?
  /// Why lanes of other methods do not have the key; nil if there is nothing to explain.
  package let elsewhere: String?
  /// Returns why the key has no effect in a lane of one of its methods; nil if it has one.
  package let obstacle: @Sendable (NetworkPlan, Optimizer) -> String?

  /// The accepted values of a key.
  package enum Values: Hashable, Sendable {
    /// A number in this range.
    case number(ClosedRange<Double>)
    /// A whole number in this range.
    case whole(ClosedRange<Int>)
    /// One of these words.
    case choice([String])
    /// This word, or a number in this range.
    case wordOrNumber(String, ClosedRange<Double>)
    /// True or false, stored as a word.
    case flag
  }

  /// A key that cannot be changed during training.
  package init(
    _ name: String, _ values: Values, _ standard: HyperparameterValue, _ summary: String,
    elsewhere: String? = nil, obstacle: @escaping @Sendable (NetworkPlan, Optimizer) -> String? = { _, _ in nil }
  ) {
    (self.name, self.values, self.standard, self.summary, self.knob) = (name, values, standard, summary, nil)
    self.elsewhere = elsewhere
    self.obstacle = obstacle
  }

  /// A key that can be changed during training. Its range and title are those of the specification, which this
  /// registers.
  package init(
    _ name: String, _ standard: HyperparameterValue, _ knob: HyperparameterSpecification,
    obstacle: @escaping @Sendable (NetworkPlan, Optimizer) -> String? = { _, _ in nil }
  ) {
    Hyperparameter.learn([name: knob])
    self.name = name
    self.standard = standard
    summary = knob.summary
    self.knob = knob
    elsewhere = nil
    self.obstacle = obstacle
    values =
      switch knob.scale {
      case .choice(let words): .choice(words)
      case .integer, .powerOfTwo: .whole(Int(knob.range.lowerBound)...Int(knob.range.upperBound))
      case .linear, .logarithmic: .number(knob.range)
      }
  }
}

/// The values of a method's keys, without those that equal their defaults.
package struct MethodOptions: Hashable, Codable, Sendable, ExpressibleByDictionaryLiteral,
  CustomReflectable
{
  private var values: [String: HyperparameterValue]

  /// Options by key name.
  package init(_ values: [String: HyperparameterValue]) { self.values = values }

  package init(dictionaryLiteral elements: (String, HyperparameterValue)...) {
    values = Dictionary(uniqueKeysWithValues: elements)
  }

  package init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: HyperparameterValue].self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }

  /// Lists the options in the order of their names.
  package var customMirror: Mirror {
    Mirror(self, children: values.sorted { $0.key < $1.key }.map { (label: $0.key as String?, value: $0.value as Any) })
  }

  /// The value of a key, or its default.
  package subscript(_ key: MethodKey) -> HyperparameterValue {
    get { values[key.name] ?? key.standard }
    set { values[key.name] = newValue == key.standard ? nil : newValue }
  }

  /// Returns whether a flag is set, or the key has this word.
  package func has(_ key: MethodKey, _ word: String = "true") -> Bool { self[key] == .word(word) }

  /// Returns the number of a key; nil if its value is a word.
  package func number(_ key: MethodKey) -> Double? {
    if case .number(let number) = self[key] { number } else { nil }
  }

  /// Returns the value of a key that accepts whole numbers only.
  package func whole(_ key: MethodKey) -> Int { Int(number(key) ?? 0) }
}
