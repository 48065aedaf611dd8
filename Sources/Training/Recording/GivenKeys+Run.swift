import EngineProtocol
import NeuralNetworks
package import RunStore
import Yams

extension GivenKeys {
  /// The effective keys of a recorded run's lanes: those of its experiment, with the journal's changes.
  /// - Throws: `ExperimentError`, `StoreError` if the run's experiment can't be read.
  package init(_ history: RunHistory) throws {
    let experiment = try RecordedExperiment.experiment(of: history)
    let writer = ExperimentWriter()
    let shared = GivenKeys.flat(writer.sharedKeys(of: experiment))
    let lineage = RunLineage(history.events)
    var lanes: [String: [Key]] = [:]
    for lane in lineage.lanes {
      guard let plan = experiment.lanes.first(where: { $0.name == lineage.root(of: lane) }) else { continue }
      var keys = shared + GivenKeys.flat(writer.keys(of: plan).filter { !plan.ignores($0.0) })
      for change in lineage.changes(of: lane) {
        guard case .set(let hyperparameter, let value) = change.action,
          let index = keys.firstIndex(where: { $0.name == hyperparameter.rawValue })
        else { continue }
        keys[index].last = value.exact
      }
      lanes[lane.description.name] = keys
    }
    self.init(lanes: lanes)
  }

  // A nested key is written “outer.inner”.
  private static func flat(_ pairs: [(String, Node)], inside path: String = "") -> [Key] {
    pairs.flatMap { key, node -> [Key] in
      if let mapping = node.mapping, key != "network" {
        return flat(mapping.map { ($0.key.string ?? "", $0.value) }, inside: path + key + ".")
      }
      return [Key(name: path + key, value: text(node))]
    }
  }

  private static func text(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): Double(scalar.string).map { HyperparameterValue.number($0).exact } ?? scalar.string
    case .sequence(let list): "[\(list.map(text).joined(separator: ", "))]"
    case .mapping(let mapping):
      "{\(mapping.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", "))}"
    case .alias: ""
    }
  }
}

extension LanePlan {
  // Keys that every lane's YAML contains, or that are compared in another form.
  fileprivate func ignores(_ key: String) -> Bool {
    ["name", "method", "precision"].contains(key) || LaneKey.named(key)?.obstacle(self) != nil
  }
}

extension HyperparameterValue {
  /// In short form if it is exact, otherwise with all digits.
  fileprivate var exact: String {
    guard case .number(let number) = self, Double(description) != number else { return description }
    return WrittenNumber.text(number)
  }
}
