package import Tensors

/// ReLU for a given input shape: `relu` in a list of layers.
package struct FittedReLU: FittedLayer {
  package static let words = ["relu"]

  /// Channels.
  package let features: Int

  init(features: Int) { self.features = features }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    self.init(features: input.channels)
  }

  package func description(_ name: String) -> NetworkDescription.Layer? { .init("relu", name) }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    // At the start of a block it must not overwrite its input, which the shortcut reads.
    let isFirst = builder.isInBlock && builder.layers.allSatisfy(\.passesInputThrough)
    builder.layers.append(ReLU(name: name, keepingInputOf: isFirst ? features : nil))
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws { try packer.append(name, .relu) }

  package var words: String { "rectifier" }
  package var fusedActivation: BatchNormalization.Activation? { .relu }
}

/// ReLU: `y = max(0, x)`, computed in place unless something else reads x.
package final class ReLU: Layer {
  package let name: String
  private var output: Tensor
  private let keepsInput: Bool

  /// ReLU.
  /// - Parameter features: number of columns if the input must not be overwritten, because a shortcut reads it;
  ///   otherwise nil.
  package init(name: String, keepingInputOf features: Int? = nil) {
    self.name = name
    keepsInput = features != nil
    output = Tensor(rows: 0, columns: features ?? 0)
  }

  // The output is usually the input's tensor.
  package var keptBytes: Int { keepsInput ? 4 * output.count : 0 }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    if keepsInput { output.copy(from: input.tensor) } else { output = input.tensor }
    pass.compute.relu(output)
    return .real(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.gate(outputGradient, by: .rectifier(output: output))
    return outputGradient
  }
}
