package import Tensors

/// A linear layer: `y = x·Wᵀ + b`, with float or binary weights.
///
/// With binary weights the forward and the backward pass use the signs of the latent weights, `W_b`; the gradient with
/// respect to `W_b` is handed to the latent weights unchanged (the straight-through estimator of BinaryConnect).
/// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363, algorithm 1.
package final class Linear: Layer {
  package let name: String
  /// W, or the latent weights; shape `[outputs, inputs]`.
  package let weights: Parameter
  /// b, shape `[1, outputs]`; nil where a batch normalization follows and would undo it.
  package let bias: Parameter?

  private let precision: Precision
  private let output: Tensor
  private let inputGradient: Tensor
  private var input: Operand
  private let inputScratch: HalfTensor
  private let gradientScratch: HalfTensor

  /// A layer of zeros.
  package init(
    name: String, inputs: Int, outputs: Int, isBinary: Bool, hasBias: Bool, scalesUpdates: Bool, precision: Precision
  ) {
    self.name = name
    self.precision = precision
    weights = Parameter(
      name: "\(name).weights", rows: outputs, columns: inputs, isBinary: isBinary,
      updateScale: scalesUpdates && isBinary ? Linear.glorotScale(inputs: inputs, outputs: outputs) : 1,
      operandPrecision: precision)
    bias = hasBias ? Parameter(name: "\(name).bias", rows: 1, columns: outputs) : nil
    output = Tensor(rows: 0, columns: outputs)
    inputGradient = Tensor(rows: 0, columns: inputs)
    inputScratch = HalfTensor(rows: 0, columns: inputs)
    gradientScratch = HalfTensor(rows: 0, columns: outputs)
    input = .float32(inputGradient)
  }

  package var parameters: [Parameter] { [weights] + (bias.map { [$0] } ?? []) }

  /// Multiplies the updates of latent weights: `1/√(1.5/(inputs + outputs))`, the inverse of Glorot's bound.
  /// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363, section 2.5 and the authors' code.
  package static func glorotScale(inputs: Int, outputs: Int) -> Float {
    1 / (1.5 / Float(inputs + outputs)).squareRoot()
  }

  package func forward(_ input: Tensor, _ pass: PassContext) -> Tensor {
    let compute = pass.compute
    self.input = compute.operand(input, precision, scratch: inputScratch)
    output.resize(rows: input.rows)
    compute.multiply(self.input, operand, transposingB: true, into: output)
    if let bias { compute.addBias(bias.value, to: output) }
    return output
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    let compute = pass.compute
    let gradient = compute.operand(outputGradient, precision, scratch: gradientScratch)
    compute.multiply(gradient, input, transposingA: true, into: weights.gradient)
    if let bias { compute.sumColumns(outputGradient, into: bias.gradient) }
    if needsInputGradient {
      inputGradient.resize(rows: outputGradient.rows)
      compute.multiply(gradient, operand, into: inputGradient)
    }
    return inputGradient
  }

  private var operand: Operand {
    guard let operand = weights.operand else { preconditionFailure("a linear layer's weights have an operand") }
    return operand
  }
}
