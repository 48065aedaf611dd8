package import Tensors

/// What training makes small.
package enum Loss: String, Codable, Sendable, CaseIterable {
  /// `-mean log softmax(z)[label]`.
  case crossEntropy
  /// `mean(max(0, 1 - t·z)²)` over all outputs, t = ±1.
  case squaredHinge

  /// The mean loss of a batch, and dC/dlogits into `gradient` where that is wanted.
  /// - Parameters:
  ///   - logits: shape `[batch, classes]`.
  ///   - labels: a number below `classes` for each row.
  package func value(_ logits: Tensor, labels: [UInt8], gradient: Tensor?, _ compute: Compute) -> Double {
    switch self {
    case .crossEntropy: compute.crossEntropy(logits, labels: labels, gradient: gradient)
    case .squaredHinge: compute.squaredHinge(logits, labels: labels, gradient: gradient)
    }
  }
}
