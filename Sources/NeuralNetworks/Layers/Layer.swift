package import Tensors

/// The forward or backward pass that a layer is part of.
package struct PassContext {
  /// What to compute with.
  package let compute: Compute
  /// Tensors that the layers share.
  let workspace: Workspace
  /// Whether the pass is a training one: dropout drops, batch normalization uses the batch's statistics.
  package var isTraining: Bool
  /// Whether the pass renews the running statistics of batch normalization, without dropout; see
  /// `Network.estimateStatistics`.
  package internal(set) var estimatesStatistics = false
  /// The momentum of running statistics in such a pass.
  var statisticsMomentum: Float = 0
  /// The experiment's seed.
  package var seed: UInt64
  /// The update that the pass is for; decides the random draws.
  package var step: Int

  /// A pass with `compute`.
  /// - Parameter workspace: what the layers share, kept from pass to pass.
  package init(
    compute: Compute, isTraining: Bool, seed: UInt64 = 0, step: Int = 0, workspace: Workspace = Workspace()
  ) {
    self.compute = compute
    self.workspace = workspace
    self.isTraining = isTraining
    self.seed = seed
    self.step = step
  }

  /// The random draws of a layer in this pass.
  func random(stream: UInt32) -> RandomStream {
    RandomStream(seed: seed, stream: stream, step: UInt32(truncatingIfNeeded: step))
  }

  /// The same, where the layer draws in training; nil where it does not.
  func draws(_ isStochastic: Bool, stream: UInt32) -> RandomStream? {
    isTraining && isStochastic ? random(stream: stream) : nil
  }
}

/// A part of a network: a forward pass, and the backward pass that belongs to it.
///
/// What a layer returns holds until its next pass, unless it says otherwise. Shapes are `[batch, features]`.
package protocol Layer: AnyObject {
  /// The layer's name, unique in its network.
  var name: String { get }
  /// What an optimizer learns.
  var parameters: [Parameter] { get }
  /// What training changes beside the parameters, such as running statistics, with names unique in the
  /// network; part of its state.
  var buffers: [(name: String, tensor: Tensor)] { get }
  /// Bytes of activations that the layer keeps from the last forward pass for the backward one; its input, which
  /// belongs to the layer before it, aside.
  var keptBytes: Int { get }
  /// The layer, or those that it is made of.
  var leaves: [any Layer] { get }
  /// Whether what follows may write over the output: neither the backward pass nor another layer reads it.
  var outputMayBeOverwritten: Bool { get }
  /// Whether the output may be the input's tensor.
  var passesInputThrough: Bool { get }
  /// What computes the output of the last forward pass again; nil where that is not possible.
  var outputSource: (any OutputSource)? { get }
  /// Takes over the numbers that may change in mid-training, between two batches.
  func apply(_ settings: LayerSettings)
  /// Computes the output of a batch. It may take the place of the input.
  func forward(_ input: Activations, _ pass: PassContext) -> Activations
  /// Computes the gradient with respect to the input of the last forward pass, and sets those of the parameters.
  /// - Parameters:
  ///   - outputGradient: dC/doutput; the result may take its place.
  ///   - needsInputGradient: false in the network's first layer, where nobody reads it; the result is then unspecified.
  func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor
}

extension Layer {
  package var parameters: [Parameter] { [] }
  package var buffers: [(name: String, tensor: Tensor)] { [] }
  package var leaves: [any Layer] { [self] }
  package var outputMayBeOverwritten: Bool { false }
  package var passesInputThrough: Bool { false }
  package var outputSource: (any OutputSource)? { nil }
  package func apply(_ settings: LayerSettings) {}
}

/// A layer that can compute the output of its last forward pass again, so that nobody has to keep it.
package protocol OutputSource: AnyObject {
  /// Computes the output of the last forward pass's input.
  func output(_ pass: PassContext) -> Tensor
}

/// The numbers of layers that may change in mid-training. Each layer takes those that it has.
package struct LayerSettings {
  /// The share of inputs that dropout sets to zero.
  package var inputDropout: Float
  /// The share of hidden units that dropout sets to zero.
  package var dropout: Float
  /// What the gradient of signs is taken to be.
  package var estimator: SignEstimator
  /// Whether training draws signs of activations.
  package var drawsSigns: Bool
  /// The momentum of batch normalizations; nil where nothing is said.
  package var batchNormalizationMomentum: Float?

  /// The settings of a plan after a share of the training.
  package init(_ plan: NetworkPlan, progress: Double, drawsSigns: Bool) {
    inputDropout = plan.inputDropout
    dropout = plan.dropout
    estimator = plan.estimator(progress: progress)
    self.drawsSigns = drawsSigns
    batchNormalizationMomentum = plan.batchNormalization?.momentum
  }
}

/// What goes from layer to layer in a forward pass; shape `[batch, features]`, of images `[batch·height·width, channels]`.
package enum Activations {
  /// Real numbers.
  case real(Tensor)
  /// ±1, a bit each; some may be dropped.
  case signs(SignBatch)

  /// The real numbers, which is what the network's end and its normalizations have.
  package var tensor: Tensor {
    guard case .real(let tensor) = self else { preconditionFailure("expected real activations, found signs") }
    return tensor
  }

  /// How many rows.
  package var rows: Int {
    switch self {
    case .real(let tensor): tensor.rows
    case .signs(let batch): batch.rows
    }
  }
}
