internal import CBinaryKernels
private import Foundation

/// A straight-through estimator: the surrogate gradient of the sign, `dx = dy · f(x)`.
package struct SignEstimator: Hashable, Codable, Sendable {
  /// The shape of f.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// `1[|x| <= window]`.
    /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, eq. 4.
    case ste
    /// `1`.
    case identity
    /// `(2 - 2|x|) · 1[|x| <= 1]`.
    /// - SeeAlso: Liu et al. 2018, Bi-Real Net, arXiv:1808.00278, eq. 4.
    case approx
    /// `β(2 - βx·tanh(βx/2)) / (1 + cosh βx)`, β = 5.
    /// - SeeAlso: Darabi et al. 2018, BNN+, arXiv:1812.11800.
    case swish
    /// `k·t·(1 - tanh²(tx))`, k = max(1/t, 1). It changes from the identity to the sign as the temperature t rises from
    /// 0.001 to 10 during training.
    /// - SeeAlso: Qin et al. 2020, IR-Net, arXiv:1909.10788, section 3.3.
    case annealed
  }

  /// The shape of f.
  package var kind: Kind
  /// The window of `ste`.
  package var window: Float
  /// t of `annealed`.
  package var temperature: Float

  /// An estimator of a shape.
  package init(_ kind: Kind = .ste, window: Float = 1, temperature: Float = 1e-3) {
    self.kind = kind
    self.window = window
    self.temperature = temperature
  }

  /// The temperature of `annealed` at a point of the training: `10^(4·progress - 3)`.
  package static func temperature(progress: Double) -> Float { Float(pow(10, 4 * min(1, max(0, progress)) - 3)) }

  /// Whether f has values other than 0 and 1, so that one bit per element is not enough for the backward pass.
  package var isShaped: Bool { kind != .ste && kind != .identity }

  /// The largest |x| where f is not 0; nil if f is nowhere exactly 0.
  package var reach: Float? {
    switch kind {
    case .ste: window
    case .approx: 1
    case .identity, .swish, .annealed: nil
    }
  }

  // The window in which the bit says that the gradient passes.
  var bitWindow: Float { kind == .ste ? window : .infinity }

  var kernelKind: signflip_estimator {
    switch kind {
    case .ste, .identity: signflip_estimator_bits
    case .approx: signflip_estimator_approx
    case .swish: signflip_estimator_swish
    case .annealed: signflip_estimator_annealed
    }
  }
}

/// Which elements of a gradient pass back through an activation, and their factors.
package enum GradientGate {
  /// All of them.
  case open
  /// Elements where the ReLU's output is positive.
  case rectifier(output: Tensor)
  /// As the estimator says, except where dropout has dropped the sign. `input` is the sign's input; nil if a
  /// normalization recomputes it.
  case estimated(SignBatch, SignEstimator, input: Tensor?)
  /// Elements where dropout has kept the sign.
  case kept(SignBatch)

  /// Returns whether a tensor has the shape of the activation.
  func fits(_ tensor: Tensor) -> Bool {
    switch self {
    case .open: true
    case .rectifier(let output): (output.rows, output.columns) == (tensor.rows, tensor.columns)
    case .kept(let batch), .estimated(let batch, _, _): (batch.rows, batch.columns) == (tensor.rows, tensor.columns)
    }
  }

  var kernelArgument: signflip_gradient_gate {
    var gate = signflip_gradient_gate()
    gate.scale = 1
    switch self {
    case .open: break
    case .rectifier(let output): gate.rectified = UnsafePointer(output.base)
    case .estimated(let batch, let estimator, let input):
      gate.passes = UnsafePointer(batch.passes.base)
      gate.kept = batch.kept.map { UnsafePointer($0.base) }
      gate.scale = batch.scale
      gate.estimator = estimator.kernelKind
      gate.temperature = estimator.temperature
      gate.input = input.map { UnsafePointer($0.base) }
    case .kept(let batch):
      gate.passes = batch.kept.map { UnsafePointer($0.base) }
      gate.scale = batch.scale
    }
    return gate
  }
}
