package import EngineProtocol

/// A key of a lane that a method brings: a row of the table of keys.
///
/// Its value stands in the plan's `MethodOptions` under its name. A row that several methods share is one constant.
package struct MethodKey: Sendable {
  /// The name in experiments and in `--set`.
  package let name: String
  /// What it takes.
  package let values: Values
  /// The value of lanes that do not say it.
  package let standard: HyperparameterValue
  /// One line on what it does.
  package let summary: String
  /// How it is shown and stepped where it can be set in mid-run; nil where it can't.
  package let knob: HyperparameterSpecification?
  /// Why lanes of other methods do not have it; nil where there is no more to say.
  package let elsewhere: String?
  /// Why the key has no effect in a lane of one of its methods; nil where it has.
  package let obstacle: @Sendable (NetworkPlan, Optimizer) -> String?

  /// What a key takes.
  package enum Values: Hashable, Sendable {
    /// A number of this range.
    case number(ClosedRange<Double>)
    /// A whole number of this range.
    case whole(ClosedRange<Int>)
    /// One of these words.
    case choice([String])
    /// This word, or a number of this range.
    case wordOrNumber(String, ClosedRange<Double>)
    /// True or false; the value is the word.
    case flag
  }

  /// A key that is no knob.
  package init(
    _ name: String, _ values: Values, _ standard: HyperparameterValue, _ summary: String,
    elsewhere: String? = nil, obstacle: @escaping @Sendable (NetworkPlan, Optimizer) -> String? = { _, _ in nil }
  ) {
    (self.name, self.values, self.standard, self.summary, self.knob) = (name, values, standard, summary, nil)
    self.elsewhere = elsewhere
    self.obstacle = obstacle
  }

  /// A knob: its range and its words are those of the specification, which is known from then on.
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

/// The values of a method's keys, but for those that have their defaults.
package struct MethodOptions: Hashable, Codable, Sendable, ExpressibleByDictionaryLiteral,
  CustomReflectable
{
  private var values: [String: HyperparameterValue]

  /// Options by their keys' names.
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

  /// Dumped in the order of the names.
  package var customMirror: Mirror {
    Mirror(self, children: values.sorted { $0.key < $1.key }.map { (label: $0.key as String?, value: $0.value as Any) })
  }

  /// The value of a key, or its default.
  package subscript(_ key: MethodKey) -> HyperparameterValue {
    get { values[key.name] ?? key.standard }
    set { values[key.name] = newValue == key.standard ? nil : newValue }
  }

  /// Whether a flag is set, or the key has this word.
  package func has(_ key: MethodKey, _ word: String = "true") -> Bool { self[key] == .word(word) }

  /// The number of a key; nil where it has a word.
  package func number(_ key: MethodKey) -> Double? {
    if case .number(let number) = self[key] { number } else { nil }
  }

  /// The whole number of a key that takes nothing else.
  package func whole(_ key: MethodKey) -> Int { Int(number(key) ?? 0) }
}
