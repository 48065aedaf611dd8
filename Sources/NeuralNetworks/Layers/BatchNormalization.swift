package import Tensors

/// Batch normalization of every feature: `y = γ·(x - μ)/√(σ² + ε) + β`.
/// - SeeAlso: Ioffe and Szegedy 2015, arXiv:1502.03167.
package final class BatchNormalization: Layer {
  package let name: String
  /// γ, shape `[1, features]`.
  package let scale: Parameter
  /// β, shape `[1, features]`.
  package let shift: Parameter
  /// The mean that inference uses, shape `[1, features]`.
  package let runningMean: Tensor
  /// The variance that inference uses, shape `[1, features]`.
  package let runningVariance: Tensor
  /// Epsilon and momentum; the momentum may be set between two batches.
  package var numbers: BatchNormalizationNumbers

  private let statistics: BatchStatistics
  private let output: Tensor
  private let inputGradient: Tensor
  private var input: Tensor

  /// A normalization with γ = 1, β = 0, running mean 0 and variance 1.
  package init(name: String, features: Int, numbers: BatchNormalizationNumbers) {
    self.name = name
    self.numbers = numbers
    scale = Parameter(name: "\(name).scale", rows: 1, columns: features)
    shift = Parameter(name: "\(name).shift", rows: 1, columns: features)
    runningMean = Tensor(rows: 1, columns: features)
    runningVariance = Tensor(rows: 1, columns: features)
    scale.value.fill(1)
    runningVariance.fill(1)
    statistics = BatchStatistics(columns: features)
    output = Tensor(rows: 0, columns: features)
    inputGradient = Tensor(rows: 0, columns: features)
    input = output
  }

  package var parameters: [Parameter] { [scale, shift] }
  package var buffers: [(name: String, tensor: Tensor)] {
    [("\(name).runningMean", runningMean), ("\(name).runningVariance", runningVariance)]
  }

  package func forward(_ input: Tensor, _ pass: PassContext) -> Tensor {
    self.input = input
    if pass.isTraining || pass.estimatesStatistics {
      pass.compute.batchNormalize(
        input, scale: scale.value, shift: shift.value, runningMean: runningMean, runningVariance: runningVariance,
        numbers: numbers, statistics: statistics, into: output)
    } else {
      pass.compute.batchNormalizeForInference(
        input, scale: scale.value, shift: shift.value, runningMean: runningMean, runningVariance: runningVariance,
        epsilon: numbers.epsilon, into: output)
    }
    return output
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    pass.compute.batchNormalizationGradient(
      outputGradient, input: input, scale: scale.value, statistics: statistics, scaleGradient: scale.gradient,
      shiftGradient: shift.gradient, into: inputGradient)
    return inputGradient
  }
}
