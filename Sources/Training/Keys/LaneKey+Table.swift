import EngineProtocol
import NeuralNetworks
import Yams

extension LaneKey {
  /// The table of all keys of a lane, in the order in which they are read and written.
  package static let all: [LaneKey] =
    networkKeys + MethodKey.all.filter { $0.knob == nil }.map(LaneKey.init) + weightKeys + learningKeys + knobs
    + MethodKey.all.filter { $0.knob != nil }.map(LaneKey.init)

  /// Returns the row of a key; nil if there is none.
  package static func named(_ name: String) -> LaneKey? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// Returns the hyperparameters of a lane that can be changed during training, in display order.
  static func knobs(of plan: LanePlan) -> [LaneKey] { shownKnobs.filter { $0.obstacle(plan) == nil } }

  /// All hyperparameters that can be changed during training, in display order.
  package static let shownKnobs: [LaneKey] = {
    let knobs = all.filter(\.isKnob)
    // Creating the rows has registered the methods' hyperparameters.
    return Hyperparameter.allCases.compactMap { knob in knobs.first { $0.name == knob.rawValue } }
  }()
}

extension LaneKey {
  /// The row of a method's key.
  init(_ key: MethodKey) {
    self.init(
      key.name, values: key.expectation, words: key.words, unit: key.knob?.unit ?? "", summary: key.summary,
      isKnob: key.knob != nil, decidesOthers: !key.words.isEmpty,
      read: { _, section, plan in
        let value = try key.read(section)
        if plan.method.has(key) { plan.network.options[key] = value ?? key.standard }
      },
      write: { plan in
        guard plan.has(key) else { return nil }
        switch plan.network.options[key] {
        case .number(let number): return .plain(number)
        case .word(let word): return key.values == .flag ? .plain(word) : Node(word)
        }
      },
      value: { plan, _ in plan.has(key) ? plan.network.options[key] : nil },
      set: { plan, value, _ in plan.network.options[key] = value },
      obstacle: { plan in
        if plan.method.has(key) {
          return key.obstacle(plan.network, plan.optimizer).map {
            key.knob == nil ? $0 : "\(Self.absence(plan)): \($0)"
          }
        }
        if key.knob != nil { return Self.absence(plan) }
        let owners = Method.all.filter { $0.has(key) }.map(\.name)
        let names =
          owners.count < 2 ? owners[0] : "\(owners.dropLast().joined(separator: ", ")) and \(owners[owners.count - 1])"
        return key.elsewhere ?? "only \(names) \(owners.count < 2 ? "has" : "have") it"
      })
  }
}

extension MethodKey {
  /// The keys of all methods, without duplicates.
  static let all: [MethodKey] = Method.all.flatMap(\.keys).reduce(into: []) { keys, key in
    if !keys.contains(where: { $0.name == key.name }) { keys.append(key) }
  }

  /// The accepted values, for display.
  var expectation: String {
    switch values {
    case .number(let range):
      "a number from \(HyperparameterValue.number(range.lowerBound)) to \(HyperparameterValue.number(range.upperBound))"
    case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let words): words.joined(separator: ", ")
    case .flag: "true or false"
    case .wordOrNumber(let word, let range):
      "\(word), or a number from \(HyperparameterValue.number(range.lowerBound)) to \(HyperparameterValue.number(range.upperBound))"
    }
  }

  /// The accepted words; empty if other values are accepted too.
  var words: [String] {
    switch values {
    case .choice(let words): words
    case .flag: ["true", "false"]
    case .number, .whole, .wordOrNumber: []
    }
  }

  /// Reads the key; nil if it is absent.
  /// - Throws: `ExperimentError` if the value is not accepted.
  func read(_ section: YAMLSection) throws -> HyperparameterValue? {
    if knob != nil { return try section.value(Hyperparameter(named: name)) }
    switch values {
    case .number(let range): return try section.number(name, in: range).map { .float(Float($0)) }
    case .whole(let range): return try section.integer(name, in: range).map { .number(Double($0)) }
    case .flag: return try section.flag(name).map { .word("\($0)") }
    case .choice(let words): return try section.word(name, of: words).map { .word($0) }
    case .wordOrNumber(let word, let range):
      guard let text = try section.string(name) else { return nil }
      if text == word { return .word(word) }
      guard let number = WrittenNumber.decimal(text), range.contains(number) else {
        throw section.wrong(name, expected: expectation)
      }
      return .float(Float(number))
    }
  }
}
