import EngineProtocol
import NeuralNetworks
import Tensors
import Yams

/// A key of a lane: a row of the table that reading, writing, `--set`, checks, live controls and help use.
///
/// `LaneKey.all` is the table. Which lanes have a key, and its defaults, are not part of the row: `KeyFacts` derives
/// them by examining lanes of every kind.
package struct LaneKey: Sendable {
  /// The name in experiments and in `--set`.
  package let name: String
  /// The accepted values, for display: “a number from 0 to 1”.
  package let values: String
  /// The accepted words; empty if other values are accepted too.
  package let words: [String]
  /// The unit of its number; empty if there is none.
  package let unit: String
  /// One line on its effect.
  package let summary: String
  /// The default for display, if it is not a fixed value: “a thousandth of learningRate”.
  let defaultWords: String?
  /// Whether it can be changed during training.
  package let isKnob: Bool
  /// Whether its value determines which other keys have an effect.
  let decidesOthers: Bool
  /// Whether it is silently ignored where it has no effect, and written nevertheless.
  let isTolerated: Bool
  /// Reads it into a plan that contains the preceding keys of the table. An absent key gets its default.
  let read: @Sendable (LaneReader, YAMLSection, inout LanePlan) throws -> Void
  /// Returns its value in the form used in experiments.
  let write: @Sendable (LanePlan) -> Node?
  /// Returns why it has no effect in a lane; nil if it has one.
  let obstacle: @Sendable (LanePlan) -> String?
  /// Returns its value after a number of epochs.
  let value: @Sendable (LanePlan, Double) -> HyperparameterValue?
  /// Sets it to a value within its range.
  let set: @Sendable (inout LanePlan, HyperparameterValue, Double) throws -> Void

  /// A property of a plan.
  typealias Path<Value> = any WritableKeyPath<LanePlan, Value> & Sendable

  /// A row. Most rows are created by the functions below.
  init(
    _ name: String, values: String, words: [String] = [], unit: String = "", summary: String,
    defaultWords: String? = nil, isKnob: Bool = false, decidesOthers: Bool = false, isTolerated: Bool = false,
    read: @escaping @Sendable (LaneReader, YAMLSection, inout LanePlan) throws -> Void,
    write: @escaping @Sendable (LanePlan) -> Node?,
    value: @escaping @Sendable (LanePlan, Double) -> HyperparameterValue? = { _, _ in nil },
    set: @escaping @Sendable (inout LanePlan, HyperparameterValue, Double) throws -> Void = { _, _, _ in },
    obstacle: @escaping @Sendable (LanePlan) -> String? = { _ in nil }
  ) {
    self.name = name
    self.values = values
    self.words = words
    self.unit = unit
    self.summary = summary
    self.defaultWords = defaultWords
    self.isKnob = isKnob
    self.decidesOthers = decidesOthers
    self.isTolerated = isTolerated
    self.read = read
    self.write = write
    self.value = value
    self.set = set
    self.obstacle = obstacle
  }

  /// Returns the standard reason why a lane does not have a key.
  static func absence(_ plan: LanePlan) -> String {
    "a lane with \(plan.methodDescription) and \(plan.optimizer.kind.rawValue) has none"
  }
}

// MARK: Kinds of rows

extension LaneKey {
  /// A word of an enumeration.
  static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Choice>, _ summary: String,
    decidesOthers: Bool = false, defaultWords: String? = nil,
    standard: @escaping @Sendable (LanePlan) -> Choice,
    obstacle: @escaping @Sendable (LanePlan) -> String? = { _ in nil }
  ) -> LaneKey where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    return LaneKey(
      name, values: words.joined(separator: ", "), words: words, summary: summary, defaultWords: defaultWords,
      decidesOthers: decidesOthers,
      read: { _, section, plan in
        let word: Choice? = try section.choice(name)
        plan[keyPath: path] = word ?? standard(plan)
      }, write: { Node($0[keyPath: path].rawValue) }, obstacle: obstacle)
  }

  /// True or false.
  static func flag(
    _ name: String, _ path: Path<Bool>, _ summary: String, isTolerated: Bool = false,
    standard: @escaping @Sendable (LanePlan) -> Bool, obstacle: @escaping @Sendable (LanePlan) -> String? = { _ in nil }
  ) -> LaneKey {
    LaneKey(
      name, values: "true or false", words: ["true", "false"], summary: summary, isTolerated: isTolerated,
      read: { _, section, plan in plan[keyPath: path] = try section.flag(name) ?? standard(plan) },
      write: { .plain($0[keyPath: path]) }, obstacle: obstacle)
  }

  /// A hyperparameter that can be changed during training. Its range, unit and title are those of its specification.
  /// - Parameters:
  ///   - standard: the default.
  ///   - obstacle: returns why a lane does not have it; nil if it does.
  static func knob(
    _ knob: Hyperparameter, defaultWords: String? = nil,
    standard: @escaping @Sendable (LanePlan) -> HyperparameterValue,
    get: @escaping @Sendable (LanePlan, Double) -> HyperparameterValue?,
    set: @escaping @Sendable (inout LanePlan, HyperparameterValue, Double) throws -> Void,
    write: (@Sendable (LanePlan) -> HyperparameterValue?)? = nil,
    read: (@Sendable (LaneReader, YAMLSection, inout LanePlan) throws -> Void)? = nil,
    obstacle: @escaping @Sendable (LanePlan) -> String? = { _ in nil }
  ) -> LaneKey {
    let specification = knob.specification
    return LaneKey(
      knob.rawValue, values: specification.expectation, words: specification.words, unit: specification.unit,
      summary: specification.summary, defaultWords: defaultWords, isKnob: true,
      read: read ?? { _, section, plan in
        let given = try section.value(knob)
        // A key without effect gets its default, even if the experiment's defaults contain it.
        try set(&plan, obstacle(plan) == nil ? given ?? standard(plan) : standard(plan), 0)
      },
      write: { plan in (write?(plan) ?? get(plan, 0)).map(Node.of) },
      value: get, set: set, obstacle: obstacle)
  }

  /// A hyperparameter that is a number of the plan.
  static func knob(
    _ knob: Hyperparameter, _ path: Path<Float>, _ standard: Float,
    obstacle: @escaping @Sendable (LanePlan) -> String? = { _ in nil }
  ) -> LaneKey {
    .knob(
      knob, standard: { _ in .float(standard) }, get: { plan, _ in .float(plan[keyPath: path]) },
      set: { plan, value, _ in if case .number(let number) = value { plan[keyPath: path] = Float(number) } },
      obstacle: obstacle)
  }
}

extension HyperparameterSpecification {
  /// The words of a choice.
  var words: [String] { if case .choice(let words) = scale { words } else { [] } }
}

extension YAMLSection {
  /// Returns the value of a hyperparameter, checked against its range.
  func value(_ knob: Hyperparameter) throws -> HyperparameterValue? {
    let specification = knob.specification
    if !specification.words.isEmpty { return try word(knob.rawValue, of: specification.words).map { .word($0) } }
    guard let text = try string(knob.rawValue) else { return nil }
    guard let value = try? knob.parse(text) else { throw wrong(knob.rawValue, expected: specification.expectation) }
    return value
  }
}

extension Node {
  /// Numbers and Booleans without quotes; whole numbers without a decimal point.
  static func plain(_ value: Any) -> Node {
    let text: String
    switch value {
    case let number as Double: text = WrittenNumber.text(number)
    case let number as Float: text = WrittenNumber.text(number)
    default: text = "\(value)"
    }
    return Node(text, Tag(.implicit), .plain)
  }

  /// A hyperparameter's value.
  static func of(_ value: HyperparameterValue) -> Node {
    switch value {
    case .number(let number): .plain(number)
    case .word(let word): Node(word)
    }
  }

  /// A list in brackets.
  static func list(_ values: [some Any]) -> Node { Node(values.map(Node.plain), Tag(.implicit), .flow) }

  /// A mapping in this order.
  static func mapping(_ pairs: [(String, Node)]) -> Node { Node(pairs.map { (Node($0.0), $0.1) }) }

  /// A text, quoted if YAML would read it as null.
  static func words(_ text: String) -> Node {
    let isNothing = ["", "~", "null", "Null", "NULL"].contains(text)
    return isNothing ? Node(text, Tag(.implicit), .singleQuoted) : Node(text)
  }
}
