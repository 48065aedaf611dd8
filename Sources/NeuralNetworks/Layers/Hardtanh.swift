package import Tensors

/// The hard hyperbolic tangent in a list of layers: `hardtanh`.
package struct HardtanhPlan: PlannedLayer {
  package static let name = "hardtanh"
  package static let words = ["hardtanh"]

  package init(word: String, _ keys: any LayerKeys) throws {}

  init() {}

  package var spelling: (word: String, keys: [(String, LayerValue)]) { ("hardtanh", []) }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    let name = fitting.named("hardtanh")
    guard !fitting.hasSigns else {
      throw NetworkError(layer: name, expected: "floats", found: "signs: there is an activation before it")
    }
    try fitting.append(name, FittedHardtanh(features: fitting.shape.channels))
  }
}

extension LayerPlan {
  /// The hard hyperbolic tangent.
  package static let hardtanh = LayerPlan(HardtanhPlan())
}

/// A hard hyperbolic tangent for a given input shape.
package struct FittedHardtanh: FittedLayer {
  package static let words = ["hardtanh"]

  /// Channels.
  package let features: Int

  init(features: Int) { self.features = features }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    self.init(features: input.channels)
  }

  package func description(_ name: String) -> NetworkDescription.Layer? { .init("hardtanh", name) }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    builder.layers.append(Hardtanh(name: name, features: features))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws { try packer.append(name, .clip) }

  package var words: String { "clipped to -1…1" }
}

/// The hard hyperbolic tangent: `y = clip(x, -1, 1)`, `dx = dy·1[|x| < 1]`.
///
/// It follows the normalization of a residual block whose sum the next block binarizes, and keeps the sum within the
/// window of the straight-through estimator.
/// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.3; Qin et al. 2020, IR-Net, arXiv:1909.10788, and
///   the authors' code.
package final class Hardtanh: Layer {
  package let name: String
  // Values of ±1 mark inputs that were clipped.
  private let output: Tensor

  /// A hard hyperbolic tangent of `features` features.
  package init(name: String, features: Int) {
    self.name = name
    output = Tensor(rows: 0, columns: features)
  }

  package var keptBytes: Int { 4 * output.count }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    pass.compute.clip(input.tensor, into: output)
    return .real(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.clipGradient(outputGradient, output: output)
    return outputGradient
  }
}
