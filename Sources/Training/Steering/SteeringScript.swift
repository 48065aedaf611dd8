import EngineProtocol
package import RunStore
private import Yams

/// Changes to be made in a run at their steps: a journal that a person may write and edit.
///
///     steering:
///       - lane: binary
///         step: 1172              # updates done before the change
///         set:
///           learningRate: 3e-4
///       - lane: binary
///         step: 4000
///         stop: true
package struct SteeringScript {
  /// The changes of each lane, in the order of their steps.
  package private(set) var changes: [String: [ScriptedChange]] = [:]

  /// Who is said to have asked for the changes.
  static let origin = "steering script"

  /// Reads a script for the lanes of an experiment.
  /// - Parameter source: how errors name the script: its file.
  /// - Throws: `ExperimentError`, naming line, key, what was expected and found.
  package init(_ text: String, source: String, lanes: [LanePlan]) throws {
    let root: Node?
    do { root = try compose(yaml: text) } catch {
      throw ExperimentError(code: .malformed, message: "\(source): malformed YAML: \(error)")
    }
    guard let root else {
      throw ExperimentError(code: .malformed, message: "\(source): expected a steering script, found nothing")
    }
    let section = try YAMLSection(root, source: source, path: "")
    guard let nodes = section.node("steering")?.sequence else {
      throw section.wrong("steering", expected: "a list of changes")
    }
    try section.checkForUnknownKeys()
    for (index, node) in nodes.enumerated() {
      let entry = try YAMLSection(node, source: source, path: "steering[\(index)]")
      try add(entry, source: source, lanes: lanes)
    }
    // Changes of one step stay in the order in which they are written.
    for (name, list) in changes {
      changes[name] = list.inOrderOfSteps().enumerated().map { index, change in
        var change = change
        change.scriptIndex = index
        return change
      }
    }
  }

  private mutating func add(_ entry: YAMLSection, source: String, lanes: [LanePlan]) throws {
    let name = try entry.string("lane") ?? ""
    guard let plan = lanes.first(where: { $0.name == name }) else {
      let known = lanes.map(\.name)
      throw entry.wrong(
        "lane", expected: "a lane of \(known.joined(separator: ", "))", code: .unknownLane,
        near: NearestName.question(name, among: known))
    }
    guard let step = try entry.integer("step", in: 0...Int.max) else {
      throw entry.wrong("step", expected: "the updates done before the change")
    }
    var actions: [(action: ScriptedChange.Action, place: String)] = []
    func place(_ key: String, in section: YAMLSection) -> String {
      section.node(key).map { YAMLSection.place(source, $0) } ?? source
    }
    if let settings = try entry.section("set") {
      for hyperparameter in LaneKey.shownKnobs.map({ Hyperparameter(named: $0.name) }) {
        guard let text = try settings.string(hyperparameter.rawValue) else { continue }
        guard plan.value(of: hyperparameter) != nil, let value = try? hyperparameter.parse(text) else {
          throw settings.wrong(
            hyperparameter.rawValue,
            expected: plan.value(of: hyperparameter) == nil
              ? "no such key: lane \(name) has none" : hyperparameter.expectation)
        }
        actions.append((.set(hyperparameter, value), place(hyperparameter.rawValue, in: settings)))
      }
      try settings.checkForUnknownKeys()
    }
    if try entry.flag("stop") ?? false { actions.append((.stop, place("stop", in: entry))) }
    guard !actions.isEmpty else { throw entry.wrong("set", expected: "a change: set or stop") }
    try entry.checkForUnknownKeys()
    changes[name, default: []] += actions.map {
      ScriptedChange(
        step: step, action: $0.action, isJournaled: false, origin: SteeringScript.origin, place: $0.place)
    }
  }
}

extension RunLineage {
  /// The changes on the way to the newest state of a lane, as a script that the lane follows when it is trained again.
  func changes(of lane: Lane) -> [ScriptedChange] {
    journal(of: lane).compactMap { entry in
      guard case .set(let hyperparameter, _, let value) = entry.change else { return nil }
      return ScriptedChange(
        step: entry.step, action: .set(hyperparameter, value), isJournaled: true, origin: entry.origin,
        scriptIndex: entry.scriptIndex)
    }
  }
}

/// A run's journal as a steering script.
package enum SteeringJournal {
  /// The script that repeats what was changed in the lanes of a run, as YAML: changed hyperparameters, and where lanes
  /// were stopped. Of a lane that was rewound it is the course that it has now.
  package static func text(of history: RunHistory) throws -> String {
    let lineage = RunLineage(history.events)
    var entries: [Node] = []
    for lane in lineage.lanes where lane.description.fork == nil {
      let name = lane.description.name
      for change in lineage.changes(of: lane) {
        guard case .set(let hyperparameter, let value) = change.action else { continue }
        let setting: Node = [Node(hyperparameter.rawValue): Node(exact(value), Tag(.implicit), .plain)]
        entries.append(["lane": Node(name), "step": Node("\(change.step)", Tag(.implicit), .plain), "set": setting])
      }
      if let result = lane.result, result.wasStopped {
        entries.append([
          "lane": Node(name), "step": Node("\(result.steps)", Tag(.implicit), .plain),
          "stop": Node("true", Tag(.implicit), .plain),
        ])
      }
    }
    let failed = lineage.lanes.compactMap { lane in
      lane.result?.failure.map {
        "# Lane \(lane.description.name) failed at step \(lane.result?.steps ?? 0): \($0.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
      }
    }
    return "# What was changed in \(history.description.id), for `signflip train … --steer FILE`.\n" + failed.joined()
      + (try serialize(node: ["steering": Node(entries)], width: -1))
  }

  // Every digit: a script must give the same weights.
  private static func exact(_ value: HyperparameterValue) -> String {
    switch value {
    case .word(let word): word
    case .number(let number): WrittenNumber.text(number)
    }
  }
}
