package import Tensors

/// The context of a forward or backward pass.
package struct PassContext {
  /// The compute backend.
  package let compute: Compute
  /// Scratch tensors that the layers share.
  let workspace: Workspace
  /// Whether it is a training pass: dropout is active, and batch normalization uses the batch's statistics.
  package var isTraining: Bool
  /// Whether the pass re-estimates the running statistics of batch normalization, without dropout; see
  /// `Network.estimateStatistics`.
  package internal(set) var estimatesStatistics = false
  /// The momentum of running statistics in such a pass.
  var statisticsMomentum: Float = 0
  /// Sees the input of each layer before its forward pass; nil for none.
  package var observer: (any ForwardObserver)?
  /// The experiment's seed.
  package var seed: UInt64
  /// The update that the pass belongs to, which determines the random numbers.
  package var step: Int

  /// Creates the context of a pass.
  /// - Parameter workspace: scratch tensors, reused by later passes.
  package init(
    compute: Compute, isTraining: Bool, seed: UInt64 = 0, step: Int = 0, workspace: Workspace = Workspace()
  ) {
    self.compute = compute
    self.workspace = workspace
    self.isTraining = isTraining
    self.seed = seed
    self.step = step
  }

  /// Returns the random stream of a layer in this pass.
  func random(stream: UInt32) -> RandomStream {
    RandomStream(seed: seed, stream: stream, step: UInt32(truncatingIfNeeded: step))
  }

  /// Returns the random stream if the layer is stochastic and the pass is a training pass, otherwise nil.
  func draws(_ isStochastic: Bool, stream: UInt32) -> RandomStream? {
    isTraining && isStochastic ? random(stream: stream) : nil
  }
}

/// A layer of a network, with a forward and a backward pass.
///
/// A returned tensor is valid until the layer's next pass, unless documented otherwise. Shapes are `[batch, features]`.
package protocol Layer: AnyObject {
  /// The layer's name, unique in its network.
  var name: String { get }
  /// The trainable parameters.
  var parameters: [Parameter] { get }
  /// State besides the parameters that training changes, such as running statistics. Names are unique in the network.
  var buffers: [(name: String, tensor: Tensor)] { get }
  /// Bytes of activations that the layer keeps from the forward pass for the backward pass, not counting its input,
  /// which belongs to the layer before.
  var keptBytes: Int { get }
  /// The layer itself, or the layers of a block.
  var leaves: [any Layer] { get }
  /// The signs of the last forward pass; nil for a layer that gives none.
  var newestSigns: SignBatch? { get }
  /// Whether a following layer may overwrite the output: neither the backward pass nor another layer reads it.
  var outputMayBeOverwritten: Bool { get }
  /// Whether the output may be the same tensor as the input.
  var passesInputThrough: Bool { get }
  /// Recomputes the output of the last forward pass; nil if that is not possible.
  var outputSource: (any OutputSource)? { get }
  /// Applies settings that may change during training, between two batches.
  func apply(_ settings: LayerSettings)
  /// Computes the output of a batch. It may overwrite the input.
  func forward(_ input: Activations, _ pass: PassContext) -> Activations
  /// Computes the gradient with respect to the input of the last forward pass, and sets the gradients of the
  /// parameters.
  /// - Parameters:
  ///   - outputGradient: dC/doutput, which may be overwritten by the result.
  ///   - needsInputGradient: false for the network's first layer; the result is then unspecified.
  func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor
}

extension Layer {
  package var parameters: [Parameter] { [] }
  package var buffers: [(name: String, tensor: Tensor)] { [] }
  package var leaves: [any Layer] { [self] }
  package var newestSigns: SignBatch? { nil }
  package var outputMayBeOverwritten: Bool { false }
  package var passesInputThrough: Bool { false }
  package var outputSource: (any OutputSource)? { nil }
  package func apply(_ settings: LayerSettings) {}
}

/// A layer that can recompute the output of its last forward pass, so that the output need not be kept.
package protocol OutputSource: AnyObject {
  /// Recomputes the output of the last forward pass.
  func output(_ pass: PassContext) -> Tensor
}

/// Settings that may change during training. Each layer uses those that apply to it.
package struct LayerSettings {
  /// The dropout rate of the network's input.
  package var inputDropout: Float
  /// The dropout rate of hidden units.
  package var dropout: Float
  /// The gradient estimator of signs.
  package var estimator: SignEstimator
  /// Whether sign activations are stochastic in training.
  package var drawsSigns: Bool
  /// The momentum of batch normalizations; nil leaves it unchanged.
  package var batchNormalizationMomentum: Float?

  /// The settings of a plan at a point of the training.
  /// - Parameter progress: the fraction of the training that is done, 0...1.
  package init(_ plan: NetworkPlan, progress: Double, drawsSigns: Bool) {
    inputDropout = plan.inputDropout
    dropout = plan.dropout
    estimator = plan.estimator(progress: progress)
    self.drawsSigns = drawsSigns
    batchNormalizationMomentum = plan.batchNormalization?.momentum
  }
}

/// Activations passed between layers; shape `[batch, features]`, for images `[batch·height·width, channels]`.
package enum Activations {
  /// Floats.
  case real(Tensor)
  /// ±1 packed as bits; some may be dropped.
  case signs(SignBatch)

  /// The floats. Logits and inputs of normalizations are never signs.
  package var tensor: Tensor {
    guard case .real(let tensor) = self else { preconditionFailure("expected real activations, found signs") }
    return tensor
  }

  /// The number of rows.
  package var rows: Int {
    switch self {
    case .real(let tensor): tensor.rows
    case .signs(let batch): batch.rows
    }
  }
}

/// Sees what enters each layer of a network during a forward pass, without changing it.
package protocol ForwardObserver: AnyObject {
  /// Called before a layer's forward pass, which may overwrite the input.
  func willRun(_ layer: any Layer, _ input: Activations)
}
