/// The scaling of signs of latent weights: `W̃ = α·sign(W)`, with α the mean of |W| over each row.
///
/// XNOR-Net centers W before each use: its mean over the input channels becomes 0 for each kernel position, unless
/// there is only one channel. Magnitude-aware signs use W without centering, and treat α as a constant.
/// - SeeAlso: Rastegari et al. 2016, arXiv:1603.05279, section 3.1, and the authors' code; Liu et al. 2018, Bi-Real
///   Net, arXiv:1808.00278, section 3.3.
package struct WeightScaling: Hashable, Sendable {
  /// How the gradient passes through α.
  package enum Gradient: String, Codable, Sendable, CaseIterable {
    /// The exact derivative: `dW = sign(W)/n · Σ(dW̃·sign(W)) + α·dW̃·1[|W| <= 1]`.
    case exact
    /// As in XNOR-Net's paper: `dW = dW̃ · (1/n + α·1[|W| <= 1])`.
    case paper
    /// α is a constant: `dW = α·dW̃·1[|W| <= 1]`.
    case constant
  }

  /// The number of input channels, in adjacent columns, over which W is centered; nil for no centering.
  package var channels: Int?
  /// How the gradient passes through α.
  package var gradient: Gradient

  /// A scaling.
  package init(channels: Int?, gradient: Gradient) {
    self.channels = channels
    self.gradient = gradient
  }
}
