internal import NeuralNetworks
internal import Tensors

extension TrainingBenchmark {
  /// Creates the network to time, and random images for it.
  func makeNetwork(_ compute: Compute) -> (network: Network, images: Tensor, classes: Int) {
    let isBaseline = kind == .baseline
    let input: ImageShape
    var plan = NetworkPlan(
      method: isBaseline ? .baseline : kind == .bnn ? .bnn : .binaryConnect,
      batchNormalization: BatchNormalizationNumbers(epsilon: 1e-5, momentum: 0.9), dropout: dropout,
      initialization: isBaseline ? .glorot : .unit)
    switch net {
    case .mlp:
      input = ImageShape(features: 784)
      plan.hidden = [2048, 2048, 2048]
      if isBaseline { plan.batchNormalization = nil }
    case .conv:
      input = ImageShape(height: 32, width: 32, channels: 3)
      let stages = [50, 100, 200].flatMap { filters -> [LayerPlan] in
        [
          .convolution(filters: filters, kernel: 3, stride: 1, border: .same, isBinary: nil),
          .pooling(.max, size: 2, stride: 2, border: .valid), .batchNormalization, .activation(nil),
        ]
      }
      plan.layers =
        stages + [
          .flatten, .linear(outputs: 500, isBinary: nil), .batchNormalization, .activation(nil), .dropout,
          .linear(outputs: nil, isBinary: nil),
        ]
    }
    let classes = 10
    guard let layout = try? NetworkLayout(plan, input: input, classes: classes) else {
      preconditionFailure("the networks above are well formed")
    }
    return (
      layout.makeNetwork(plan, precision: precision, seed: 1, compute),
      Tensor(rows: batch, columns: input.features), classes
    )
  }
}
