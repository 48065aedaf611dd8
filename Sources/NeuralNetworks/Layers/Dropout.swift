package import Tensors

/// Inverted dropout: in training `y = x/(1 - rate)` with probability `1 - rate`, else 0; in inference `y = x`.
/// - SeeAlso: Srivastava et al. 2014, JMLR 15(56).
package final class Dropout: Layer {
  package let name: String
  /// The share of units set to zero; it may be set between two batches.
  package var rate: Float
  /// Whether it drops inputs of the network rather than hidden units.
  package let isOfInput: Bool
  private let stream: UInt32
  private let mask = DropoutMask()
  private let output: Tensor
  private var hasDropped = false

  /// A dropout of `features` features, drawing from the random stream number `stream`.
  package init(name: String, features: Int, rate: Float, stream: UInt32, isOfInput: Bool = false) {
    self.name = name
    self.rate = rate
    self.stream = stream
    self.isOfInput = isOfInput
    output = Tensor(rows: 0, columns: features)
  }

  package var keptBytes: Int { hasDropped ? mask.byteCount + 4 * output.count : 0 }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    hasDropped = false
    guard pass.isTraining && rate > 0 else { return input }
    switch input {
    case .signs(let batch):
      // The signs know what is dropped of them, and stop its gradient themselves.
      pass.compute.dropout(batch, rate: rate, random: pass.random(stream: stream))
      return input
    case .real(let tensor):
      hasDropped = true
      pass.compute.dropout(tensor, rate: rate, random: pass.random(stream: stream), mask: mask, into: output)
      return .real(output)
    }
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    guard hasDropped, needsInputGradient else { return outputGradient }
    pass.compute.dropoutGradient(outputGradient, mask: mask)
    return outputGradient
  }
}
