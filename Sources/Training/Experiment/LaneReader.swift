import EngineProtocol
import NeuralNetworks
import Tensors
import Yams

/// Reads a lane of an experiment.
struct LaneReader {
  /// The lane's name.
  let name: String
  /// The lane's keys, with the defaults as fallback.
  let section: YAMLSection

  /// The maximum number of characters in a lane's name.
  static let longestName = 255

  /// Reads the name.
  /// - Parameter isRecorded: whether a recorded run already has a lane of this name.
  /// - Throws: `ExperimentError` if it is missing or has invalid characters.
  init(_ section: YAMLSection, isRecorded: Bool = false) throws {
    self.section = section
    guard section.hasOwn("name"), let name = try section.string("name"), LaneReader.isName(name) else {
      throw section.wrong("name", expected: LaneReader.nameExpectation)
    }
    if !isRecorded, let fault = LaneReader.fault(inName: name) { throw section.wrong("name", expected: fault) }
    self.name = name
  }

  /// The valid names, for display.
  static let nameExpectation = "a name of letters, digits, “-” and “_”"

  /// Returns whether a name is valid. Names are written before the “.” of `--set`, and on every screen.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy {
        let category = $0.properties.generalCategory
        return $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == "_"
          || category == .nonspacingMark || category == .spacingMark
      }
  }

  /// Returns what is expected of a new lane's name if this one is invalid, otherwise nil.
  static func fault(inName name: String) -> String? {
    guard isName(name) else { return nameExpectation }
    // The command line would read such a name as an option.
    if name.hasPrefix("-") { return "a name that does not start with “-”" }
    let count = name.unicodeScalars.count
    return count > longestName ? "a name of at most \(longestName) characters (this one has \(count))" : nil
  }

  /// Reads the lane.
  /// - Parameter changes: changes in the form of `--set`; those of other lanes are ignored.
  /// - Throws: `ExperimentError`, also for a key of the lane's own that its method or optimizer does not have.
  func read(changedBy changes: [SettingChange]) throws -> (plan: LanePlan, unused: Set<String>, notes: [String]) {
    let own = changes.filter { $0.lane == nil || $0.lane == name }
    let (plan, unused) = try assemble(own)
    return (plan, Set(unused.map(\.key)), try checkUnusedKeys(unused, own))
  }

  // The plan with changes, and the keys that have no effect in it, each with the reason.
  private func assemble(_ own: [SettingChange]) throws -> (plan: LanePlan, unused: [(key: String, reason: String)]) {
    let lane = try own.reduce(section) { try $1.over($0) }
    var plan = LanePlan(name: name)
    for key in LaneKey.all { try key.read(self, lane, &plan) }
    for key in plan.method.keys where !plan.has(key) { plan.network.options[key] = key.standard }
    if let fault = plan.method.fault(plan.network.options, plan.optimizer) {
      throw lane.wrong(fault.key, expected: fault.expected)
    }
    guard plan.precision.isSupported else {
      throw lane.wrong("precision", expected: "float32, because this processor does not support bfloat16")
    }
    try lane.checkForUnknownKeys()
    let asksForOutput = try lane.flag("outputNormalization") ?? false
    let unused = LaneKey.all.filter { !$0.isTolerated && ($0.name != "outputNormalization" || asksForOutput) }
    return (plan, unused.compactMap { key in key.obstacle(plan).map { (key.name, $0) } })
  }

  // A key without effect is an error, because the user would expect an effect. Keys that lost their effect through a
  // change of the method, optimizer or the like are ignored, with a note.
  private func checkUnusedKeys(
    _ unused: [(key: String, reason: String)], _ changes: [SettingChange]
  ) throws -> [String] {
    func decides(_ change: SettingChange) -> Bool { LaneKey.named(change.key)?.decidesOthers ?? false }
    let kinds = changes.filter(decides)
    let before = kinds.isEmpty ? nil : try? assemble(changes.filter { !decides($0) }).unused
    func hadEffect(_ key: String) -> Bool { !kinds.isEmpty && before?.contains { $0.key == key } != true }
    var left: [String] = []
    for (key, reason) in unused {
      let expected = "no such key: \(reason)"
      let own = changes.last { $0.key == key }
      if own?.removes == true { continue }
      if let own, own.lane != nil { throw own.wrong(expected: expected, found: own.value, code: .unknownKey) }
      guard section.node(key) != nil else { continue }
      if hadEffect(key), !left.contains(key) {
        left.append(key)
      } else if section.hasOwn(key), !left.contains(key) {
        throw section.wrong(key, expected: expected, code: .unknownKey)
      }
    }
    // The keys of a step schedule are accepted beside any other schedule, but noted.
    let usesSteps = { (changes: [SettingChange]) in
      (try? self.assemble(changes).plan.schedule.kind) == .step
    }
    if kinds.contains(where: { $0.key == "schedule" }), !usesSteps(changes),
      usesSteps(changes.filter { $0.key != "schedule" })
    {
      left += ["stepEpochs", "stepFactor"].filter { section.node($0) != nil }
    }
    guard !left.isEmpty else { return [] }
    let causes = kinds.map { $0.source.name }.joined(separator: ", ")
    let keys = left.map { key in key + (section.node(key)?.scalar.map { " (\($0.string))" } ?? "") }
    let have = left.count == 1 ? "has no effect and is ignored" : "have no effect and are ignored"
    return ["lane \(name): with \(causes), \(keys.joined(separator: ", ")) \(have)"]
  }

  /// Reads the layers of a network, given by name, as a list, or as a mapping of both.
  func layers(_ lane: YAMLSection) throws -> (name: String?, list: [LayerPlan])? {
    guard let node = lane.node("network") else { return nil }
    let owner = lane.owner(of: "network")
    let reader = LayerListReader(source: owner.source)
    if let nodes = node.sequence { return (nil, try reader.read(nodes, path: owner.label("network"))) }
    if node.mapping != nil, let section = try lane.section("network") {
      guard let nodes = section.node("layers")?.sequence else {
        throw section.wrong("layers", expected: "a list of layers")
      }
      let name = try section.string("name")
      try section.checkForUnknownKeys()
      return (name, try reader.read(nodes, path: section.label("layers")))
    }
    guard let name = node.scalar?.string, NetworkLibrary.names.contains(name) else {
      throw lane.wrong(
        "network", expected: "a list of layers, or one of \(NetworkLibrary.names.joined(separator: ", "))",
        near: node.scalar.map { NearestName.question($0.string, among: NetworkLibrary.names) } ?? "")
    }
    return (name, try NetworkLibrary.layers(named: name))
  }

  /// Reads which of the first and the last layer a key names.
  func ends(_ key: String, _ lane: YAMLSection) throws -> Set<String> {
    guard let node = lane.node(key) else { return [] }
    let words = node.sequence?.compactMap { $0.scalar?.string } ?? []
    guard let sequence = node.sequence, words.count == sequence.count,
      words.allSatisfy({ ["first", "last"].contains($0) })
    else { throw lane.wrong(key, expected: "a list of first and last, or the empty list []") }
    return Set(words)
  }

  /// Reads the units of hidden layers.
  func hidden(_ lane: YAMLSection) throws -> [Int]? {
    let units = try lane.integers("hidden", in: 1...65_536)
    // Each layer needs random streams of its own, of which there are enough for 64 layers.
    guard (units?.count ?? 0) <= 64 else { throw lane.wrong("hidden", expected: "at most 64 layers") }
    return units
  }

  /// Reads a number whose range is that of the hyperparameter.
  func number(_ hyperparameter: Hyperparameter, _ lane: YAMLSection) throws -> Double? {
    guard case .number(let number)? = try lane.value(hyperparameter) else { return nil }
    return number
  }
}
