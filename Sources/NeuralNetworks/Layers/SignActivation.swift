package import Tensors

/// The sign as an activation: `y = -1 where x < 0, else +1`, so sign(0) = +1.
///
/// Its gradient is a straight-through estimator, `dx = dy · f(x)`. Of x only a bit is kept where f is 0 or 1.
/// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 2.3.
package final class SignActivation: Layer {
  package let name: String
  /// What the gradient is taken to be; it may be set between two batches.
  package var estimator: SignEstimator
  private let output: SignBatch
  // Kept by the layer before, which a shaped estimator needs.
  private var input = Tensor(rows: 0, columns: 0)

  /// A sign of `features` features.
  package init(name: String, features: Int, estimator: SignEstimator = .init()) {
    self.name = name
    self.estimator = estimator
    output = SignBatch(features: features)
  }

  package var keptBytes: Int { output.byteCount }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    self.input = input.tensor
    pass.compute.sign(input.tensor, estimator, into: output)
    return .signs(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.gate(outputGradient, by: .estimated(output, estimator, input: estimator.isShaped ? input : nil))
    return outputGradient
  }
}
