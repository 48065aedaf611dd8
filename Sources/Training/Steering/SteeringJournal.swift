import EngineProtocol
package import RunStore
private import Yams

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
