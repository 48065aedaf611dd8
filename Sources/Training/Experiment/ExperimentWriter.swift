import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import Yams

/// Writes an experiment as YAML with every key, so that the text is independent of defaults.
package struct ExperimentWriter {
  /// A writer.
  package init() {}

  /// Returns the YAML of an experiment.
  package func text(of experiment: Experiment) throws -> String {
    var root: [(String, Node)] = [("name", .words(experiment.name))]
    root += [("summary", experiment.summary), ("expected", experiment.expectedResult), ("cost", experiment.cost)]
      .filter { !$0.1.isEmpty }.map { ($0.0, Node.words($0.1)) }
    if let dataset = experiment.dataset { root.append(("dataset", .words(dataset))) }
    if experiment.skipsUnreadable { root.append(("skipUnreadable", .plain(true))) }
    if let count = experiment.validationCount { root.append(("validation", .plain(count))) }
    root += sharedKeys(of: experiment)
    root.append(("seed", .plain(experiment.seed)))
    root.append(("lanes", Node(experiment.lanes.map { Node.mapping(keys(of: $0)) })))
    return try serialize(node: .mapping(root), width: -1)
  }

  /// Returns the keys that determine how images are prepared for all lanes.
  func sharedKeys(of experiment: Experiment) -> [(String, Node)] {
    var root: [(String, Node)] = []
    let range = experiment.inputRange
    if experiment.normalization == .range {
      root.append(("inputRange", .list([range.lowerBound, range.upperBound])))
    }
    root.append(("normalization", Node(experiment.normalization.rawValue)))
    let augmentation = experiment.augmentation
    if !augmentation.isEmpty {
      let keys: [(String, Node)] = [
        ("crop", .plain(augmentation.crop)), ("flip", .plain(augmentation.flips)),
        ("cutout", .plain(augmentation.cutout)),
        ("rotate", .plain(augmentation.rotate)), ("shift", .plain(augmentation.shift)),
      ]
      root.append(("augmentation", .mapping(keys)))
    }
    return root
  }

  /// Returns the keys of a lane, with their values.
  func keys(of plan: LanePlan) -> [(String, Node)] {
    LaneKey.all.compactMap { key in
      guard key.isTolerated || key.obstacle(plan) == nil else { return nil }
      return key.write(plan).map { (key.name, $0) }
    }
  }
}
