internal import CBinaryKernels

/// Which elements of a gradient pass back through an activation, and by what they are multiplied.
package enum GradientGate {
  /// All of them.
  case open
  /// Where the rectifier's output is positive.
  case rectifier(output: Tensor)
  /// As the estimator has it, and where a dropout has kept the sign. `input` is the sign's; nil where a normalization finds
  /// it again.
  case estimated(SignBatch, SignEstimator, input: Tensor?)
  /// Where a dropout has kept the sign.
  case kept(SignBatch)

  /// Whether a tensor has the shape of the activation.
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
