package import Tensors

/// The sign as an activation: `y = -1 where x < 0, else +1`, so sign(0) = +1.
///
/// Its gradient is the straight-through estimator: `dx = dy · 1[|x| <= window]`.
/// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 2.3.
package final class SignActivation: Layer {
  package let name: String
  /// The gradient passes where |x| is at most this; it may be set between two batches.
  package var window: Float
  private let output: Tensor
  private let inputGradient: Tensor
  private var input: Tensor

  /// A sign of `features` features.
  package init(name: String, features: Int, window: Float = 1) {
    self.name = name
    self.window = window
    output = Tensor(rows: 0, columns: features)
    inputGradient = Tensor(rows: 0, columns: features)
    input = output
  }

  package func forward(_ input: Tensor, _ pass: PassContext) -> Tensor {
    self.input = input
    pass.compute.sign(input, into: output)
    return output
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.signGradient(outputGradient, input: input, window: window, into: inputGradient)
    return inputGradient
  }
}
