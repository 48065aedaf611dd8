package import Tensors

/// RSign for a given input shape: `rsign` in a list of layers.
package struct FittedRSign: FittedLayer {
  package static let words = ["rsign"]

  /// Channels.
  package let features: Int

  init(features: Int) { self.features = features }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    self.init(features: input.channels)
  }

  package func description(_ name: String) -> NetworkDescription.Layer? { .init("rsign", name) }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    builder.layers.append(RSign(name: name, features: features, estimator: builder.estimator))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws {
    try packer.sign(name, thresholds: try packer.numbers(name, "threshold"))
  }

  package var words: String { "sign with learned threshold" }
  package var givesSigns: Bool? { true }
  package var otherParameterCount: Int { features }
}

/// The sign with a learned threshold per channel (RSign): `y = -1 where x < a, else +1`.
///
/// `dx = dy · f(x - a)`, with f from the straight-through estimator, and `da = -Σ dx`. a starts at 0. If f is 0 or 1
/// everywhere, only one bit of x is kept.
/// - SeeAlso: Liu et al. 2020, ReActNet, arXiv:2003.03488, eq. 1 and 6.
package final class RSign: Layer {
  package let name: String
  /// a, shape `[1, features]`.
  package let threshold: Parameter
  /// The gradient estimator.
  package private(set) var estimator: SignEstimator
  private let output: SignBatch
  // x - a, needed only if f has other values than 0 and 1.
  private let shifted: Tensor

  /// RSign of `features` features.
  package init(name: String, features: Int, estimator: SignEstimator = .init()) {
    self.name = name
    self.estimator = estimator
    threshold = Parameter(name: "\(name).threshold", rows: 1, columns: features)
    output = SignBatch(features: features)
    shifted = Tensor(rows: 0, columns: features)
  }

  package var parameters: [Parameter] { [threshold] }
  package var newestSigns: SignBatch? { output }
  package var keptBytes: Int { output.byteCount + (estimator.isShaped ? 4 * shifted.count : 0) }

  package func apply(_ settings: LayerSettings) { estimator = settings.estimator }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    if estimator.isShaped {
      pass.compute.subtract(threshold.value, from: input.tensor, into: shifted)
      pass.compute.sign(shifted, estimator, into: output)
    } else {
      pass.compute.sign(input.tensor, threshold: threshold.value, estimator, into: output)
    }
    return .signs(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    let input = estimator.isShaped ? shifted : nil
    pass.compute.gate(outputGradient, by: .estimated(output, estimator, input: input))
    pass.compute.thresholdGradient(outputGradient, into: threshold.gradient)
    return outputGradient
  }
}
