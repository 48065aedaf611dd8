private import Tensors

/// A float function with parameters per channel. Each operation is rounded separately.
package enum ChannelFunction: Hashable, Sendable {
  /// `α·x`.
  case scale([Float])
  /// `x + b`.
  case shift([Float])
  /// `scale·((x - mean)·inverse) + shift`.
  case normalize(Normalization)
  /// `max(0, x)`.
  case relu
  /// `clip(x, -1, 1)`.
  case clip
  /// `x - γ + ζ where x > γ, else β·(x - γ) + ζ`.
  case rprelu(threshold: [Float], slope: [Float], shift: [Float])

  /// The parameters of a batch normalization in inference, one of each per channel.
  package struct Normalization: Hashable, Sendable {
    /// μ.
    package var mean: [Float]
    /// 1/√(σ² + ε); the nearest power of two in a normalization by shifts.
    package var inverse: [Float]
    /// γ; the nearest power of two in a normalization by shifts.
    package var scale: [Float]
    /// β.
    package var shift: [Float]

    /// Parameters of a normalization.
    package init(mean: [Float], inverse: [Float], scale: [Float], shift: [Float]) {
      (self.mean, self.inverse, self.scale, self.shift) = (mean, inverse, scale, shift)
    }
  }

  /// Returns the function of `x` in a channel. Swift does not fuse operations, so the result is equal on every processor.
  package func value(_ x: Float, channel c: Int) -> Float {
    switch self {
    case .scale(let factors): return factors[c] * x
    case .shift(let shifts): return x + shifts[c]
    case .normalize(let n): return n.scale[c] * ((x - n.mean[c]) * n.inverse[c]) + n.shift[c]
    case .relu: return x < 0 ? 0 : x
    case .clip: return x > 1 ? 1 : x < -1 ? -1 : x
    case .rprelu(let threshold, let slope, let shift):
      let distance = x - threshold[c]
      return (distance > 0 ? distance : slope[c] * distance) + shift[c]
    }
  }

  /// Whether the function increases (1), decreases (-1) or is constant (0) in a channel; nil if it is not monotonic.
  package func direction(channel c: Int) -> Int? {
    func sign(_ x: Float) -> Int { x > 0 ? 1 : x < 0 ? -1 : 0 }
    switch self {
    case .scale(let factors): return sign(factors[c])
    case .normalize(let n): return sign(n.scale[c]) * sign(n.inverse[c])
    case .shift, .relu, .clip: return 1
    case .rprelu(_, let slope, _): return slope[c] >= 0 ? 1 : nil
    }
  }

  /// All parameters.
  package var numbers: [[Float]] {
    switch self {
    case .scale(let numbers), .shift(let numbers): [numbers]
    case .normalize(let n): [n.mean, n.inverse, n.scale, n.shift]
    case .relu, .clip: []
    case .rprelu(let threshold, let slope, let shift): [threshold, slope, shift]
    }
  }

  /// Its name for people.
  package var words: String {
    switch self {
    case .scale: "scale"
    case .shift: "bias"
    case .normalize: "batch normalization"
    case .relu: "rectifier"
    case .clip: "clip to -1…1"
    case .rprelu: "rectifier, learned"
    }
  }
}
