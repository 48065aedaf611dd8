package import Tensors

/// RPReLU for a given input shape: `rprelu` in a list of layers.
package struct FittedRPReLU: FittedLayer {
  package static let words = ["rprelu"]

  /// Channels.
  package let features: Int

  init(features: Int) { self.features = features }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    self.init(features: input.channels)
  }

  package func description(_ name: String) -> NetworkDescription.Layer? { .init("rprelu", name) }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    builder.layers.append(RPReLU(name: name, features: features))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws {
    try packer.append(
      name,
      .rprelu(
        threshold: try packer.numbers(name, "threshold"), slope: try packer.numbers(name, "slope"),
        shift: try packer.numbers(name, "shift")))
  }

  package var words: String { "ReLU with learned shifts and slope" }
  package var otherParameterCount: Int { 3 * features }
}

/// ReLU with learned shifts and slope per channel (RPReLU): `y = x - γ + ζ where x > γ, else β·(x - γ) + ζ`.
///
/// β starts at 0.25, γ and ζ at 0.
/// - SeeAlso: Liu et al. 2020, ReActNet, arXiv:2003.03488, eq. 2 and 7 to 9.
package final class RPReLU: Layer {
  package let name: String
  /// γ, shape `[1, features]`.
  package let threshold: Parameter
  /// β, shape `[1, features]`.
  package let slope: Parameter
  /// ζ, shape `[1, features]`.
  package let shift: Parameter
  private let output: Tensor
  // The input, owned by the layer before.
  private var input: Tensor

  /// RPReLU of `features` features.
  package init(name: String, features: Int) {
    self.name = name
    threshold = Parameter(name: "\(name).threshold", rows: 1, columns: features)
    slope = Parameter(name: "\(name).slope", rows: 1, columns: features)
    shift = Parameter(name: "\(name).shift", rows: 1, columns: features)
    slope.value.fill(0.25)
    output = Tensor(rows: 0, columns: features)
    input = output
  }

  package var parameters: [Parameter] { [threshold, slope, shift] }
  package var keptBytes: Int { 4 * output.count }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    self.input = input.tensor
    let numbers = RectifierNumbers(threshold: threshold.value, slope: slope.value, shift: shift.value)
    pass.compute.rectify(input.tensor, numbers, into: output)
    return .real(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.rectifierGradient(
      outputGradient, input: input,
      RectifierNumbers(threshold: threshold.value, slope: slope.value, shift: shift.value),
      into: RectifierNumbers(threshold: threshold.gradient, slope: slope.gradient, shift: shift.gradient))
    return outputGradient
  }
}
