import NeuralNetworks
import Tensors

extension NetworkPlan {
  /// The network for rows of `inputs` values.
  func makeNetwork(inputs: Int, classes: Int, precision: Precision, seed: UInt64, _ compute: Compute) throws -> Network
  {
    try makeNetwork(
      input: ImageShape(features: inputs), classes: classes, precision: precision, seed: seed, compute)
  }

  /// The network for images.
  func makeNetwork(
    input: ImageShape, classes: Int, precision: Precision = .float32, seed: UInt64, _ compute: Compute
  ) throws -> Network {
    try NetworkLayout(self, input: input, classes: classes)
      .makeNetwork(self, precision: precision, seed: seed, compute)
  }
}
