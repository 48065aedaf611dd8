package import Tensors

/// The greatest or the mean value of every channel in each window; the gradient of a greatest one goes to its place alone.
package final class Pooling: Layer {
  /// What becomes of a window.
  package enum Kind: String, Codable, Sendable {
    /// The greatest value.
    case max
    /// The mean of the places that lie in the image.
    case average
  }

  package let name: String
  /// What becomes of a window.
  package let kind: Kind
  /// The windows.
  package let windows: ImageWindows
  private let choices = PoolingChoices()
  private let output: Tensor

  /// A pooling.
  package init(name: String, kind: Kind, windows: ImageWindows) {
    self.name = name
    self.kind = kind
    self.windows = windows
    output = Tensor(rows: 0, columns: windows.input.channels)
  }

  package var keptBytes: Int { 4 * output.count + choices.byteCount }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    switch kind {
    case .max: pass.compute.maxPool(input.tensor, windows, choices: choices, into: output)
    case .average: pass.compute.averagePool(input.tensor, windows, into: output)
    }
    return .real(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    guard needsInputGradient else { return outputGradient }
    let inputGradient = pass.workspace.gradient(
      rows: outputGradient.rows / windows.count * windows.input.pixels, columns: windows.input.channels,
      besides: outputGradient)
    switch kind {
    case .max: pass.compute.maxPoolGradient(outputGradient, windows, choices: choices, into: inputGradient)
    case .average: pass.compute.averagePoolGradient(outputGradient, windows, into: inputGradient)
    }
    return inputGradient
  }
}
