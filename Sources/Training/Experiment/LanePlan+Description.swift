package import Datasets
package import EngineProtocol
package import NeuralNetworks
import Tensors

extension LanePlan {
  /// The network fitted to the images and classes of `dataset`.
  /// - Throws: `ExperimentError` where it does not fit, naming lane and layer.
  package func layout(for dataset: Dataset) throws -> NetworkLayout {
    do {
      return try NetworkLayout(
        network, input: dataset.training.shape, classes: dataset.classes.count)
    } catch let error as NetworkError {
      throw ExperimentError(code: .unfit, message: "lane \(name): \(error)")
    }
  }

  /// The same of a lane that trains already.
  func fittedLayout(for dataset: Dataset) -> NetworkLayout {
    guard let layout = try? layout(for: dataset) else {
      preconditionFailure("a network is fitted to its data set before its lane starts")
    }
    return layout
  }

  /// What does not change while the lane trains a network with `threads` threads.
  package func description(_ layout: NetworkLayout, threads: Int) -> RunDescription.Lane {
    RunDescription.Lane(
      name: name, method: methodDescription, isBinary: isBinary, network: layout.description,
      precision: precision.rawValue, parameterCount: layout.parameterCount, floatBytes: 4 * layout.parameterCount,
      packedBytes: layout.packedBytes, binaryLayers: layout.items.filter(\.countsFlips).map(\.name), threads: threads)
  }
}
