import EngineProtocol
package import RunStore
private import Yams

/// A steering script: changes to make in a run at given steps, which users can write and edit.
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

  /// The origin of the changes in the journal.
  static let origin = "steering script"

  /// Reads a script for the lanes of an experiment.
  /// - Parameter source: identifies the script in error messages.
  /// - Throws: `ExperimentError` with line, key, what was expected and what was found.
  package init(_ text: String, source: String, lanes: [LanePlan]) throws {
    let root: Node?
    do { root = try compose(yaml: text) } catch {
      throw ExperimentError(code: .malformed, message: "\(source): malformed YAML: \(error)")
    }
    guard let root else {
      throw ExperimentError(code: .malformed, message: "\(source): expected a steering script, found nothing")
    }
    let section = try YAMLSection(root, source: .lines(source), path: "")
    guard let nodes = section.node("steering")?.sequence else {
      throw section.wrong("steering", expected: "a list of changes")
    }
    try section.checkForUnknownKeys()
    for (index, node) in nodes.enumerated() {
      let entry = try YAMLSection(node, source: .lines(source), path: "steering[\(index)]")
      try add(entry, lanes: lanes)
    }
    // Keeps the written order of changes at the same step.
    for (name, list) in changes {
      changes[name] = list.inOrderOfSteps().enumerated().map { index, change in
        var change = change
        change.scriptIndex = index
        return change
      }
    }
  }

  private mutating func add(_ entry: YAMLSection, lanes: [LanePlan]) throws {
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
      section.node(key).map(section.source.place) ?? section.source.name
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
  /// Returns the changes that lead to the newest state of a lane, to be made again in a replay.
  func changes(of lane: Lane) -> [ScriptedChange] {
    journal(of: lane).compactMap { entry in
      guard case .set(let hyperparameter, _, let value) = entry.change else { return nil }
      return ScriptedChange(
        step: entry.step, action: .set(hyperparameter, value), isJournaled: true, origin: entry.origin,
        scriptIndex: entry.scriptIndex)
    }
  }
}

/// Writes a run's journal as a steering script.
package enum SteeringJournal {
  /// Returns a script with the changes made in the lanes of a run: hyperparameters, and where lanes were stopped. For a
  /// rewound lane it contains the changes of its current history only.
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

  // With all digits, so that the script reproduces the same weights.
  private static func exact(_ value: HyperparameterValue) -> String {
    switch value {
    case .word(let word): word
    case .number(let number): WrittenNumber.text(number)
    }
  }
}
