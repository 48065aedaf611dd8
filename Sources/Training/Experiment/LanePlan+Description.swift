package import Datasets
package import EngineProtocol
package import NeuralNetworks
import Tensors

extension LanePlan {
  /// The network with the inputs and classes of `dataset`.
  package func network(for dataset: Dataset) -> MultilayerPerceptron {
    var network = network
    network.inputs = dataset.training.featureCount
    network.classes = dataset.classes.count
    return network
  }

  /// What does not change while the lane trains on `dataset` with `threads` threads.
  package func description(for dataset: Dataset, threads: Int) -> RunDescription.Lane {
    let network = network(for: dataset)
    let sizes = [network.inputs] + network.hidden + [network.classes]
    let weights = zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    let others = network.otherParameterCount
    let layers = (0..<network.hidden.count).map { "hidden\($0 + 1)" } + ["output"]
    // Rows of bits are padded to whole 64-bit words.
    let packed = zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 63) / 64 * 8 * $1.1 }
    return RunDescription.Lane(
      name: name, method: methodDescription, isBinary: isBinary, network: network.description,
      precision: precision.rawValue, parameterCount: weights + others, floatBytes: 4 * (weights + others),
      packedBytes: isBinary ? packed + 4 * others : 4 * (weights + others), binaryLayers: isBinary ? layers : [],
      threads: threads)
  }
}
