package import Tensors

/// Activations of few bits: `y = round(n·clip(x, 0, 1))/n`, n = 2ᵏ - 1, ties to even; `dx = dy·1[0 <= x <= 1]`.
/// - SeeAlso: Zhou et al. 2016, DoReFa-Net, arXiv:1606.06160, eq. 5 and 11.
package final class QuantizedActivation: Layer {
  package let name: String
  /// k.
  package let bits: Int
  private let output: Tensor
  // Kept by the layer before.
  private var input = Tensor(rows: 0, columns: 0)

  /// Activations of `features` features, of 1...8 bits.
  package init(name: String, features: Int, bits: Int) {
    self.name = name
    self.bits = bits
    output = Tensor(rows: 0, columns: features)
  }

  package var keptBytes: Int { 4 * output.count }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    self.input = input.tensor
    pass.compute.quantize(input.tensor, bits: bits, into: output)
    return .real(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.quantizationGradient(outputGradient, input: input)
    return outputGradient
  }
}
