package import Tensors

/// The sign as an activation: `y = -1 where x < 0, else +1`, so sign(0) = +1.
///
/// Its gradient is a straight-through estimator, `dx = dy · f(x)`. Of x only a bit is kept where f is 0 or 1.
/// In training it may be drawn: +1 with probability clip((x + 1)/2, 0, 1), with the same gradient.
/// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.1 and 1.3.
package final class SignActivation: Layer {
  package let name: String
  /// What the gradient is taken to be; it may be set between two batches.
  package var estimator: SignEstimator
  /// Whether training draws the signs; it may be set between two batches.
  package var isStochastic = false
  private let stream: UInt32
  private let measuresSizes: Bool
  private let output: SignBatch
  // Kept by the layer before, which a shaped estimator needs.
  private var input = Tensor(rows: 0, columns: 0)

  /// A sign of `features` features, drawing from the random stream number `stream`.
  /// - Parameter measuresSizes: whether the products behind it are to be scaled by the mean size of what it gets.
  package init(
    name: String, features: Int, estimator: SignEstimator = .init(), stream: UInt32 = 0, measuresSizes: Bool = false
  ) {
    self.name = name
    self.measuresSizes = measuresSizes
    self.stream = stream
    self.estimator = estimator
    output = SignBatch(features: features)
  }

  package var keptBytes: Int { output.byteCount }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    self.input = input.tensor
    pass.compute.sign(
      input.tensor, estimator, random: pass.draws(isStochastic, stream: stream), into: output)
    if measuresSizes { pass.compute.measureSizes(of: input.tensor, into: output) }
    return .signs(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.gate(outputGradient, by: .estimated(output, estimator, input: estimator.isShaped ? input : nil))
    return outputGradient
  }
}
