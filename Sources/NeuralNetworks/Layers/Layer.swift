package import Tensors

/// What a layer is told of the pass that it is part of.
package struct PassContext {
  /// What to compute with.
  package let compute: Compute
  /// Whether the pass is a training one: dropout drops, batch normalization uses the batch's statistics.
  package var isTraining: Bool
  /// Whether the pass renews the running statistics of batch normalization, without dropout; see
  /// `Network.estimateStatistics`.
  package internal(set) var estimatesStatistics = false
  /// The experiment's seed.
  package var seed: UInt64
  /// The update that the pass is for; decides the random draws.
  package var step: Int

  /// A pass with `compute`.
  package init(compute: Compute, isTraining: Bool, seed: UInt64 = 0, step: Int = 0) {
    self.compute = compute
    self.isTraining = isTraining
    self.seed = seed
    self.step = step
  }

  /// The random draws of a layer in this pass.
  func random(stream: UInt32) -> RandomStream {
    RandomStream(seed: seed, stream: stream, step: UInt32(truncatingIfNeeded: step))
  }
}

/// A part of a network: a forward pass, and the backward pass that belongs to it.
///
/// A layer owns the tensors that it returns; they hold until its next pass. Shapes are `[batch, features]`.
package protocol Layer: AnyObject {
  /// The layer's name, unique in its network.
  var name: String { get }
  /// What an optimizer learns.
  var parameters: [Parameter] { get }
  /// What training changes beside the parameters, such as running statistics, with names unique in the
  /// network; part of its state.
  var buffers: [(name: String, tensor: Tensor)] { get }
  /// Computes the output of a batch.
  func forward(_ input: Tensor, _ pass: PassContext) -> Tensor
  /// Computes the gradient with respect to the input of the last forward pass, and sets those of the parameters.
  /// - Parameters:
  ///   - outputGradient: dC/doutput.
  ///   - needsInputGradient: false in the network's first layer, where nobody reads it; the result is then unspecified.
  func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor
}

extension Layer {
  package var parameters: [Parameter] { [] }
  package var buffers: [(name: String, tensor: Tensor)] { [] }
}
