package import Tensors

/// The rectifier: `y = max(0, x)`, in the place of x.
package final class ReLU: Layer {
  package let name: String
  private var output = Tensor(rows: 0, columns: 0)

  /// A rectifier.
  package init(name: String) { self.name = name }

  // The output is the input's tensor.
  package var keptBytes: Int { 0 }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    output = input.tensor
    pass.compute.relu(output)
    return .real(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.gate(outputGradient, by: .rectifier(output: output))
    return outputGradient
  }
}
