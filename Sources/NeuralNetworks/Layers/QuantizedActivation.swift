package import Tensors

/// Quantized activations for a given input shape.
package struct FittedQuantizedActivation: FittedLayer {
  package static let words = ["quantized"]

  /// Channels.
  package let features: Int
  /// Bits per activation.
  package let bits: Int

  init(features: Int, bits: Int) {
    self.features = features
    self.bits = bits
  }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    self.init(features: input.channels, bits: try description.field(\.bits, "bits"))
    guard (1...8).contains(bits) else { throw description.wrong("“bits” from 1 to 8", "\(bits)") }
  }

  package func description(_ name: String) -> NetworkDescription.Layer? {
    var layer = NetworkDescription.Layer("quantized", name)
    layer.bits = bits
    return layer
  }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    builder.layers.append(QuantizedActivation(name: name, features: features, bits: bits))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws {
    packer.quantize(name, steps: 1 << bits - 1)
  }

  package var words: String { "few bits" }
  package var makesFewBits: Bool? { true }
}

/// Activations quantized to k bits: `y = round(n·clip(x, 0, 1))/n`, n = 2ᵏ - 1, ties to even; `dx = dy·1[0 <= x <= 1]`.
/// - SeeAlso: Zhou et al. 2016, DoReFa-Net, arXiv:1606.06160, eq. 5 and 11.
package final class QuantizedActivation: Layer {
  package let name: String
  /// k.
  package let bits: Int
  private let output: Tensor
  // The input, owned by the layer before.
  private var input = Tensor(rows: 0, columns: 0)

  /// Activations of `features` features with 1...8 bits.
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
