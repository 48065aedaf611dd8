/// How the signs of latent weights are scaled: `W̃ = α·sign(W)`, α the mean of |W| over each row.
///
/// XNOR-Net centres W before every use: over its input channels it has mean 0 in each place of the kernel, unless there is
/// one only. Magnitude-aware signs are W's own, and take α as a constant.
/// - SeeAlso: Rastegari et al. 2016, arXiv:1603.05279, section 3.1, and the authors' code; Liu et al. 2018, Bi-Real Net,
///   arXiv:1808.00278, section 3.3.
package struct WeightScaling: Hashable, Sendable {
  /// How the gradient goes through α.
  package enum Gradient: String, Codable, Sendable, CaseIterable {
    /// As the derivative of α says: `dW = sign(W)/n · Σ(dW̃·sign(W)) + α·dW̃·1[|W| <= 1]`.
    case exact
    /// As XNOR-Net's paper has it: `dW = dW̃ · (1/n + α·1[|W| <= 1])`.
    case paper
    /// Not at all: `dW = α·dW̃·1[|W| <= 1]`.
    case constant
  }

  /// Input channels over which W is centred, columns next to each other; nil where it is not.
  package var channels: Int?
  /// How the gradient goes through α.
  package var gradient: Gradient

  /// A scaling.
  package init(channels: Int?, gradient: Gradient) {
    self.channels = channels
    self.gradient = gradient
  }
}
