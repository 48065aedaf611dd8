/// How weights of few bits are made from latent ones: `W̃ = s·q`, with whole numbers q that are exact in every precision.
/// The gradient with respect to W̃ is handed on to the latent weights W.
package enum WeightQuantization: Hashable, Codable, Sendable {
  /// `q = sign(W)·1[|W| > Δ]`, `dW = dW̃`. s is 1; or, where it is scaled, the mean of |W| over those weights of a row that
  /// are beyond Δ.
  /// - SeeAlso: Li et al. 2016, Ternary Weight Networks, arXiv:1605.04711, eq. 5 and 6; there s is the same for all rows.
  case ternary(Threshold, isScaled: Bool)
  /// Of one bit `q = sign(W)`, s the mean of |W| over the layer, `dW = dW̃`. Of k bits
  /// `W̃ = 2·round(n·(tanh W / (2m) + 1/2))/n - 1`, with n = 2ᵏ - 1 and m = max|tanh W| of the layer, and `dW` that of
  /// `tanh W / m`, m included, as in the authors' code: `dWᵢ = (1 - tanh²Wᵢ)·(dW̃ᵢ/m - [|tanh Wᵢ| = m]·sign(Wᵢ)·Σⱼ
  /// dW̃ⱼ·tanh(Wⱼ)/m²)`.
  /// - SeeAlso: Zhou et al. 2016, DoReFa-Net, arXiv:1606.06160, eq. 7 and 9; tensorpack's `dorefa.py`.
  case doReFa(bits: Int)

  /// Δ of ternary weights.
  package enum Threshold: Hashable, Codable, Sendable {
    /// 0.7 times the mean of |W| over the layer.
    case meanSize
    /// The same for all layers; 0.05 in Larq's `SteTern`.
    case fixed(Float)
  }

  /// Bits that a weight takes.
  package var bits: Int {
    switch self {
    case .ternary: 2
    case .doReFa(let bits): bits
    }
  }

  /// Whether a change of q counts as a flip: where there are as few values as signs have, and one more.
  package var countsFlips: Bool {
    switch self {
    case .ternary: true
    case .doReFa(let bits): bits == 1
    }
  }

  /// Whether latent weights are clipped.
  package var clipsLatentWeights: Bool {
    switch self {
    case .ternary: true
    case .doReFa: false
    }
  }

  /// Whether s is not 1.
  var isScaled: Bool {
    switch self {
    case .ternary(_, let isScaled): isScaled
    case .doReFa: true
    }
  }
}
