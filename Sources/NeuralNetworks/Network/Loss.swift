package import Tensors

/// The loss that training minimizes.
package enum Loss: String, Codable, Sendable, CaseIterable {
  /// `-mean log softmax(z)[label]`; label smoothing spreads part of the target evenly over all classes.
  case crossEntropy
  /// `mean(max(0, 1 - t·z)²)` over all outputs, t = ±1.
  case squaredHinge

  /// Computes the mean loss of a batch and, if requested, dC/dlogits.
  /// - Parameters:
  ///   - logits: shape `[batch, classes]`.
  ///   - labels: one class index per row.
  ///   - smoothing: the fraction of the target of a cross-entropy that is spread evenly over all classes, 0...1.
  package func value(
    _ logits: Tensor, labels: [UInt8], smoothing: Float = 0, gradient: Tensor?, _ compute: Compute
  ) -> Double {
    switch self {
    case .crossEntropy: compute.crossEntropy(logits, labels: labels, smoothing: smoothing, gradient: gradient)
    case .squaredHinge: compute.squaredHinge(logits, labels: labels, gradient: gradient)
    }
  }
}
