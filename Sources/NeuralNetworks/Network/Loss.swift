package import Tensors

/// What training makes small.
package enum Loss: String, Codable, Sendable, CaseIterable {
  /// `-mean log softmax(z)[label]`; with label smoothing the target has a share of every class.
  case crossEntropy
  /// `mean(max(0, 1 - t·z)²)` over all outputs, t = ±1.
  case squaredHinge

  /// The mean loss of a batch, and dC/dlogits into `gradient` where that is wanted.
  /// - Parameters:
  ///   - logits: shape `[batch, classes]`.
  ///   - labels: a number below `classes` for each row.
  ///   - smoothing: the share of a cross-entropy's target that all classes have alike, 0...1.
  package func value(
    _ logits: Tensor, labels: [UInt8], smoothing: Float = 0, gradient: Tensor?, _ compute: Compute
  ) -> Double {
    switch self {
    case .crossEntropy: compute.crossEntropy(logits, labels: labels, smoothing: smoothing, gradient: gradient)
    case .squaredHinge: compute.squaredHinge(logits, labels: labels, gradient: gradient)
    }
  }
}
