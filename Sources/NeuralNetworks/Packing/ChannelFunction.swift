private import Tensors

/// A function of each channel of floats, computed one rounded operation after the other.
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

  /// The numbers of a batch normalization that is ready: a number for each channel.
  package struct Normalization: Hashable, Sendable {
    /// μ.
    package var mean: [Float]
    /// 1/√(σ² + ε); the nearest power of two in a normalization by shifts.
    package var inverse: [Float]
    /// γ; the nearest power of two in a normalization by shifts.
    package var scale: [Float]
    /// β.
    package var shift: [Float]

    /// Numbers of a normalization.
    package init(mean: [Float], inverse: [Float], scale: [Float], shift: [Float]) {
      (self.mean, self.inverse, self.scale, self.shift) = (mean, inverse, scale, shift)
    }
  }

  /// The value in a channel. Swift fuses no operations, so this is what every processor computes.
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

  /// Whether the function rises (1) or falls (-1) with x in a channel; 0 where it is constant, nil where it does both.
  package func direction(channel c: Int) -> Int? {
    func sign(_ x: Float) -> Int { x > 0 ? 1 : x < 0 ? -1 : 0 }
    switch self {
    case .scale(let factors): return sign(factors[c])
    case .normalize(let n): return sign(n.scale[c]) * sign(n.inverse[c])
    case .shift, .relu, .clip: return 1
    case .rprelu(_, let slope, _): return slope[c] >= 0 ? 1 : nil
    }
  }

  /// All numbers.
  package var numbers: [[Float]] {
    switch self {
    case .scale(let numbers), .shift(let numbers): [numbers]
    case .normalize(let n): [n.mean, n.inverse, n.scale, n.shift]
    case .relu, .clip: []
    case .rprelu(let threshold, let slope, let shift): [threshold, slope, shift]
    }
  }

  /// What it is, for people.
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
