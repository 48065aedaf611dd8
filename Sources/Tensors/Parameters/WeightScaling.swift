/// How the signs of latent weights are scaled: `W̃ = α·sign(W)`, α the mean of |W| over each row.
///
/// Before every use W is centred: over its input channels it has mean 0 in each place of the kernel, unless there is one only.
/// - SeeAlso: Rastegari et al. 2016, arXiv:1603.05279, section 3.1, and the authors' code.
package struct WeightScaling: Hashable, Sendable {
  /// How the gradient goes through α.
  package enum Gradient: String, Codable, Sendable, CaseIterable {
    /// As the derivative of α says: `dW = sign(W)/n · Σ(dW̃·sign(W)) + α·dW̃·1[|W| <= 1]`.
    case exact
    /// As the paper has it: `dW = dW̃ · (1/n + α·1[|W| <= 1])`.
    case paper
  }

  /// Input channels: columns next to each other.
  package var channels: Int
  /// How the gradient goes through α.
  package var gradient: Gradient

  /// A scaling.
  package init(channels: Int, gradient: Gradient) {
    self.channels = channels
    self.gradient = gradient
  }
}
