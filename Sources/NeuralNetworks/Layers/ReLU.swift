package import Tensors

/// The rectifier: `y = max(0, x)`.
package final class ReLU: Layer {
  package let name: String
  private let output: Tensor
  private let inputGradient: Tensor
  private var input: Tensor

  /// A rectifier of `features` features.
  package init(name: String, features: Int) {
    self.name = name
    output = Tensor(rows: 0, columns: features)
    inputGradient = Tensor(rows: 0, columns: features)
    input = output
  }

  package func forward(_ input: Tensor, _ pass: PassContext) -> Tensor {
    self.input = input
    pass.compute.relu(input, into: output)
    return output
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.reluGradient(outputGradient, input: input, into: inputGradient)
    return inputGradient
  }
}
