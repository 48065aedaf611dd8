import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import Yams

/// Writes an experiment as YAML with every key, so that reading it gives the same experiment wherever and whenever.
package struct ExperimentWriter {
  /// A writer.
  package init() {}

  /// The YAML of an experiment.
  package func text(of experiment: Experiment) throws -> String {
    var root: [(String, Node)] = [("name", words(experiment.name))]
    root += [("summary", experiment.summary), ("expected", experiment.expectedResult), ("cost", experiment.cost)]
      .filter { !$0.1.isEmpty }.map { ($0.0, words($0.1)) }
    if let dataset = experiment.dataset { root.append(("dataset", words(dataset))) }
    if experiment.skipsUnreadable { root.append(("skipUnreadable", plain(true))) }
    if let count = experiment.validationCount { root.append(("validation", plain(count))) }
    root += sharedKeys(of: experiment)
    root.append(("seed", plain(experiment.seed)))
    root.append(("lanes", Node(experiment.lanes.map { mapping(keys(of: $0)) })))
    return try serialize(node: mapping(root), width: -1)
  }

  /// How the images are prepared that all lanes see.
  func sharedKeys(of experiment: Experiment) -> [(String, Node)] {
    var root: [(String, Node)] = []
    let range = experiment.inputRange
    if experiment.normalization == .range {
      root.append(("inputRange", list([range.lowerBound, range.upperBound])))
    }
    root.append(("normalization", Node(experiment.normalization.rawValue)))
    let augmentation = experiment.augmentation
    if !augmentation.isEmpty {
      let keys = [
        ("crop", plain(augmentation.crop)), ("flip", plain(augmentation.flips)), ("cutout", plain(augmentation.cutout)),
        ("rotate", plain(augmentation.rotate)), ("shift", plain(augmentation.shift)),
      ]
      root.append(("augmentation", mapping(keys)))
    }
    return root
  }

  /// The keys of a lane, with their values.
  func keys(of plan: LanePlan) -> [(String, Node)] {
    var keys: [(String, Node)] = [
      ("name", words(plan.name)), ("method", Node(plan.method.rawValue)), network(plan.network),
      ("batchNormalization", plain(plan.network.batchNormalization != nil)),
    ]
    if let normalization = plan.network.batchNormalization {
      keys.append(("batchNormalizationEpsilon", plain(normalization.epsilon)))
      keys.append(("batchNormalizationKind", Node((normalization.kind ?? .standard).rawValue)))
    }
    let network = plan.network
    for (key, first, last) in [
      ("floatLayers", network.keepsFirstFloat, network.keepsLastFloat),
      ("eightBitLayers", network.firstHasEightBits, network.lastHasEightBits),
    ] {
      let ends = (first ?? false ? ["first"] : []) + (last ?? false ? ["last"] : [])
      if !ends.isEmpty { keys.append((key, list(ends))) }
    }
    if plan.network.hasSigns { keys.append(("ste", Node((plan.network.ste ?? .ste).rawValue))) }
    if let gradient = plan.network.scaledGradient {
      keys.append(("scaleGradient", Node(gradient.rawValue)))
      if plan.network.hasDrawableSigns { keys.append(("inputScale", plain(plan.network.scalesInputs ?? false))) }
    }
    keys += plan.quantizerKeys
    keys += [
      ("outputNormalization", plain(plan.network.normalizesOutput)),
      ("initialization", Node(plan.network.initialization.rawValue)),
      ("glorotScale", plain(plan.network.scalesUpdates)), ("loss", Node(plan.loss.rawValue)),
      ("optimizer", Node(plan.optimizer.kind.rawValue)), ("schedule", Node(plan.schedule.kind.rawValue)),
      ("stepFactor", plain(plan.schedule.factor)), ("stepEpochs", plain(plan.schedule.stepEpochs)),
      ("warmUpEpochs", plain(plan.schedule.warmUpEpochs)), ("precision", Node(plan.precision.rawValue)),
    ]
    if let distillation = plan.distillation {
      keys.append(("distillation", mapping([("from", words(distillation.teacher))])))
    }
    for hyperparameter in Hyperparameter.allCases {
      switch hyperparameter {
      // The rate of the schedule's start, not that of the first step in a warm-up.
      case .learningRate: keys.append((hyperparameter.rawValue, plain(plan.schedule.anchor.rate)))
      case .finalLearningRate where plan.value(of: hyperparameter) != nil:
        keys.append((hyperparameter.rawValue, plain(plan.schedule.finalRate)))
      default:
        switch plan.value(of: hyperparameter) {
        case .number(let number): keys.append((hyperparameter.rawValue, plain(number)))
        case .word(let word): keys.append((hyperparameter.rawValue, Node(word)))
        case nil: break
        }
      }
    }
    return keys
  }

  private func network(_ plan: NetworkPlan) -> (String, Node) {
    guard let layers = plan.layers else { return ("hidden", list(plan.hidden)) }
    let nodes = Node(layers.map(\.node))
    guard let name = plan.name else { return ("network", nodes) }
    return ("network", mapping([("name", Node(name)), ("layers", nodes)]))
  }

  func mapping(_ pairs: [(String, Node)]) -> Node { Node(pairs.map { (Node($0.0), $0.1) }) }

  private func list(_ values: [some Any]) -> Node { Node(values.map(plain), Tag(.implicit), .flow) }

  // A text in quotes where YAML would take it for nothing at all.
  private func words(_ text: String) -> Node {
    let isNothing = ["", "~", "null", "Null", "NULL"].contains(text)
    return isNothing ? Node(text, Tag(.implicit), .singleQuoted) : Node(text)
  }

  // Numbers and truth values as they are, without quotes; whole numbers without a point.
  private func plain(_ value: Any) -> Node {
    let text: String
    switch value {
    case let number as Double: text = WrittenNumber.text(number)
    case let number as Float: text = WrittenNumber.text(number)
    default: text = "\(value)"
    }
    return Node(text, Tag(.implicit), .plain)
  }
}
