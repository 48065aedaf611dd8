package import Tensors

/// Layers in a row.
package final class Network {
  /// What comes in: an image, or a row of values.
  package let input: ImageShape
  /// The layers, in the order of the forward pass, with those of residual blocks in the blocks' places.
  package let layers: [any Layer]
  /// All that an optimizer learns, in the order of the layers.
  package let parameters: [Parameter]
  private let sequence: LayerSequence

  /// A network of `layers`.
  package init(input: ImageShape, layers: [any Layer]) {
    self.input = input
    sequence = LayerSequence(layers)
    self.layers = sequence.leaves
    parameters = sequence.leaves.flatMap { $0.parameters }
  }

  /// The parameters with latent weights, in order.
  package var binaryParameters: [Parameter] { parameters.filter(\.isBinary) }

  /// How many numbers the network learns.
  package var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// Computes the logits of a batch, shape `[batch, classes]`.
  /// - Parameter images: shape `[batch, height·width·channels]`.
  package func forward(_ images: Tensor, _ pass: PassContext) -> Tensor {
    let images = input.pixels == 1 ? images : images.view(columns: input.channels)
    return sequence.forward(.real(images), pass).tensor
  }

  /// Bytes of activations that a training step keeps from its forward pass for the backward one: the input, and what
  /// every layer keeps.
  package func keptBytes(input: Tensor) -> Int { 4 * input.count + sequence.keptBytes }

  /// Sets the gradients of all parameters, given the logits' gradient, which is overwritten.
  package func backward(_ logitsGradient: Tensor, _ pass: PassContext) {
    _ = sequence.backward(logitsGradient, needsInputGradient: false, pass)
  }

  /// Writes what the products of every layer read.
  package func prepareOperands(_ form: Compute.OperandForm, _ compute: Compute) {
    for parameter in parameters { compute.prepareOperand(of: parameter, form) }
  }

  /// Draws binary weights anew: +1 with probability (w/clipValue + 1)/2.
  /// - Parameter firstStream: the random stream of the first binary layer; the next layers take the next ones.
  package func drawBinaryWeights(clipValue: Float, firstStream: UInt32, _ pass: PassContext) {
    for (index, parameter) in binaryParameters.enumerated() {
      let random = pass.random(stream: firstStream + UInt32(index))
      pass.compute.prepareOperand(of: parameter, .stochasticSigns(clipValue: clipValue, random: random))
    }
  }

  /// Renews the running statistics of every batch normalization: the mean over `batchCount` batches, with the operands as
  /// they are and without dropout.
  ///
  /// A network trained with stochastic binary weights has gathered the statistics of those; its deterministic weights
  /// make other ones, and would be normalized wrongly. Training itself does not read running statistics.
  /// - Parameter batch: gives the images of a batch, from 0.
  package func estimateStatistics(batchCount: Int, _ pass: PassContext, batch: (Int) -> Tensor) {
    guard !buffers.isEmpty else { return }
    var pass = pass
    pass.isTraining = false
    pass.estimatesStatistics = true
    for index in 0..<batchCount {
      // The running mean of equal shares: 0, 1/2, 2/3, ... of what was there.
      pass.statisticsMomentum = Float(index) / Float(index + 1)
      _ = forward(batch(index), pass)
    }
  }

  /// All that decides what the network computes: parameters, then running statistics, in the order of the layers.
  package var state: [Tensor] { namedState.map(\.tensor) }

  /// The same tensors with their names: `hidden1.weights`, `hidden1.normalization.runningMean`.
  package var namedState: [(name: String, tensor: Tensor)] {
    layers.flatMap { layer in layer.parameters.map { ($0.name, $0.value) } + layer.buffers }
  }

  /// Hands the numbers that may change in mid-training to the layers that have them.
  package func apply(_ settings: LayerSettings) { for layer in layers { layer.apply(settings) } }

  /// What training changes beside the parameters, in the order of the layers.
  package var buffers: [(name: String, tensor: Tensor)] { layers.flatMap(\.buffers) }
}

/// Layers in a row: of a network, or beside a shortcut.
package struct LayerSequence {
  /// The layers, in the order of the forward pass; a residual block is one.
  package let layers: [any Layer]

  /// A row of layers.
  package init(_ layers: [any Layer]) { self.layers = layers }

  /// The layers with those of residual blocks in the blocks' places.
  package var leaves: [any Layer] { layers.flatMap(\.leaves) }

  /// Bytes of activations that the layers keep for a backward pass.
  var keptBytes: Int { layers.reduce(0) { $0 + $1.keptBytes } }

  /// The output for `input`.
  func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    layers.reduce(input) { $1.forward($0, pass) }
  }

  /// Sets the gradients of all parameters.
  /// - Returns: the input's gradient; unspecified where it is not needed.
  func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    // Below the first layer that learns, nobody reads a gradient that is not asked for.
    let first = needsInputGradient ? 0 : layers.firstIndex { !$0.parameters.isEmpty } ?? layers.count
    var gradient = outputGradient
    for (index, layer) in layers.enumerated().reversed() where index >= first {
      gradient = layer.backward(gradient, needsInputGradient: needsInputGradient || index > first, pass)
    }
    return gradient
  }
}
