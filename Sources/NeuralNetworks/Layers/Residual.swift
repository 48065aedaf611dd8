package import Tensors

/// A residual block: the sum of what layers make of the input and of a shortcut around them, `y = f(x) + s(x)`; so
/// `dx = df/dx·dy + ds/dx·dy`.
/// - SeeAlso: He et al. 2016, arXiv:1512.03385; Liu et al. 2018, Bi-Real Net, arXiv:1808.00278.
package final class Residual: Layer {
  /// What stands beside the layers.
  package enum Shortcut {
    /// x.
    case identity
    /// Pixels of x at a distance, and zeros in new channels.
    case zeroPadding(ImageSubsampling)
    /// Other layers.
    case layers(LayerSequence)
  }

  package let name: String
  /// f.
  package let body: LayerSequence
  /// s.
  package let shortcut: Shortcut
  // Nil where the sum takes the place of f(x).
  private let output: Tensor?
  /// All that the parts learn, which does not change: gradients ask for it in every step.
  package let parameters: [Parameter]

  /// A block.
  /// - Parameter features: columns of the sum.
  package init(name: String, body: [any Layer], shortcut: Shortcut, features: Int) {
    self.name = name
    self.body = LayerSequence(body)
    self.shortcut = shortcut
    output = Residual.readsItsOutput(body.last) ? Tensor(rows: 0, columns: features) : nil
    var leaves = self.body.leaves
    if case .layers(let sequence) = shortcut { leaves += sequence.leaves }
    parameters = leaves.flatMap(\.parameters)
  }

  /// The layers of both ways, those of blocks among them in their place.
  package var leaves: [any Layer] {
    guard case .layers(let sequence) = shortcut else { return body.leaves }
    return body.leaves + sequence.leaves
  }

  package var keptBytes: Int {
    var bytes = body.keptBytes + 4 * (output?.count ?? 0)
    if case .layers(let sequence) = shortcut { bytes += sequence.keptBytes }
    return bytes
  }

  // Whether a layer's output must stay as it is, because its backward pass reads it or because it is another layer's.
  private static func readsItsOutput(_ layer: (any Layer)?) -> Bool {
    switch layer {
    case let normalization as BatchNormalization: normalization.activation != .identity
    case is Convolution, is Linear, is Pooling: false
    default: true
    }
  }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    let way = body.forward(input, pass).tensor
    let sum = output ?? way
    if let output { output.copy(from: way) }
    switch shortcut {
    case .identity: pass.compute.add(input.tensor, to: sum)
    case .zeroPadding(let subsampling): pass.compute.add(input.tensor, subsampling, to: sum)
    case .layers(let sequence): pass.compute.add(sequence.forward(input, pass).tensor, to: sum)
    }
    return .real(sum)
  }

  // Both ways overwrite their output's gradient, so one of them gets a copy.
  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    let workspace = pass.workspace
    if case .layers(let sequence) = shortcut {
      let copy = workspace.holdCopy(of: outputGradient)
      let other = sequence.backward(outputGradient, needsInputGradient: needsInputGradient, pass)
      workspace.release()
      guard needsInputGradient else { return body.backward(copy, needsInputGradient: false, pass) }
      workspace.hold(other)
      let inputGradient = body.backward(copy, needsInputGradient: true, pass)
      workspace.release()
      pass.compute.add(other, to: inputGradient)
      return inputGradient
    }
    guard needsInputGradient else { return body.backward(outputGradient, needsInputGradient: false, pass) }
    let copy = workspace.holdCopy(of: outputGradient)
    let inputGradient = body.backward(outputGradient, needsInputGradient: true, pass)
    workspace.release()
    switch shortcut {
    case .zeroPadding(let subsampling): pass.compute.addGradient(copy, subsampling, to: inputGradient)
    default: pass.compute.add(copy, to: inputGradient)
    }
    return inputGradient
  }
}
