package import Tensors

/// The sign as an activation: `y = -1 where x < 0, else +1`, so sign(0) = +1.
///
/// Its gradient is the straight-through estimator: `dx = dy · 1[|x| <= window]`. Of x only that bit is kept.
/// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 2.3.
package final class SignActivation: Layer {
  package let name: String
  /// The gradient passes where |x| is at most this; it may be set between two batches.
  package var window: Float
  private let output: SignBatch

  /// A sign of `features` features.
  package init(name: String, features: Int, window: Float = 1) {
    self.name = name
    self.window = window
    output = SignBatch(features: features)
  }

  package var keptBytes: Int { output.byteCount }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    pass.compute.sign(input.tensor, window: window, into: output)
    return .signs(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.gate(outputGradient, by: .signs(output))
    return outputGradient
  }
}
