package import Tensors

/// The sign for a given input shape: `sign` in a list of layers.
package struct FittedSign: FittedLayer {
  package static let words = ["sign"]

  /// Channels.
  package let features: Int
  /// Whether products of these signs are multiplied by the mean absolute value of the sign's input, XNOR-Net's K.
  package let scalesInput: Bool

  init(features: Int, scalesInput: Bool) {
    self.features = features
    self.scalesInput = scalesInput
  }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    self.init(features: input.channels, scalesInput: description.scalesInput ?? false)
  }

  package func description(_ name: String) -> NetworkDescription.Layer? {
    var layer = NetworkDescription.Layer("sign", name)
    layer.scalesInput = scalesInput
    return layer
  }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    builder.layers.append(
      SignActivation(
        name: name, features: features, estimator: builder.estimator, stream: builder.signStream,
        measuresMagnitudes: scalesInput))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws {
    try packer.sign(name, measuresMagnitude: scalesInput)
  }

  package var words: String { "sign" }
  package var givesSigns: Bool? { true }
  // The magnitudes are floats, which a fused sign does not compute.
  package var fusedActivation: BatchNormalization.Activation? { scalesInput ? nil : .sign }

  package func makesSigns(at index: Int, _ builder: NetworkBuilder) -> Bool {
    !scalesInput && !builder.estimator.isShaped
  }
}

/// The sign activation: `y = -1 where x < 0, else +1`, so sign(0) = +1.
///
/// Its gradient is a straight-through estimator, `dx = dy · f(x)`. If f is 0 or 1 everywhere, only one bit of x is
/// kept. In training it may be stochastic: +1 with probability clip((x + 1)/2, 0, 1), with the same gradient.
/// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.1 and 1.3.
package final class SignActivation: Layer {
  package let name: String
  /// The gradient estimator.
  package private(set) var estimator: SignEstimator
  /// Whether signs are stochastic in training.
  package var isStochastic = false
  private let stream: UInt32
  private let measuresMagnitudes: Bool
  private let output: SignBatch
  // The input, owned by the layer before; needed only if f has other values than 0 and 1.
  private var input = Tensor(rows: 0, columns: 0)

  /// A sign of `features` features, using the random stream `stream`.
  /// - Parameter measuresMagnitudes: whether to compute the mean absolute value of the input, by which products of the
  ///   signs are scaled.
  package init(
    name: String, features: Int, estimator: SignEstimator = .init(), stream: UInt32 = 0,
    measuresMagnitudes: Bool = false
  ) {
    self.name = name
    self.measuresMagnitudes = measuresMagnitudes
    self.stream = stream
    self.estimator = estimator
    output = SignBatch(features: features)
  }

  package var newestSigns: SignBatch? { output }
  package var keptBytes: Int { output.byteCount }

  package func apply(_ settings: LayerSettings) {
    estimator = settings.estimator
    isStochastic = settings.drawsSigns
  }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    self.input = input.tensor
    pass.compute.sign(
      input.tensor, estimator, random: pass.draws(isStochastic, stream: stream), into: output)
    if measuresMagnitudes { pass.compute.measureSizes(of: input.tensor, into: output) }
    return .signs(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.gate(outputGradient, by: .estimated(output, estimator, input: estimator.isShaped ? input : nil))
    return outputGradient
  }
}
