package import Tensors

/// A sequential network.
package final class Network {
  /// The input: the shape of an image, or of a flat row of values.
  package let input: ImageShape
  /// The layers in the order of the forward pass, with residual blocks expanded.
  package let layers: [any Layer]
  /// All trainable parameters, in the order of the layers.
  package let parameters: [Parameter]
  /// The parameters with weights of few bits that are the method's.
  let quantizedParameters: [Parameter]
  private let sequence: LayerSequence

  /// A network of `layers`.
  package init(input: ImageShape, layers: [any Layer]) {
    self.input = input
    sequence = LayerSequence(layers)
    self.layers = sequence.leaves
    parameters = sequence.leaves.flatMap { $0.parameters }
    quantizedParameters = parameters.filter { parameter in parameter.facts.map { !$0.standsForFloats } ?? false }
  }

  /// The parameters with latent weights, in order.
  package var binaryParameters: [Parameter] { parameters.filter(\.isBinary) }

  /// Number of parameters.
  package var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// Computes the logits of a batch, shape `[batch, classes]`.
  /// - Parameter images: shape `[batch, height·width·channels]`.
  package func forward(_ images: Tensor, _ pass: PassContext) -> Tensor {
    let images = input.pixels == 1 ? images : images.view(columns: input.channels)
    return sequence.forward(.real(images), pass).tensor
  }

  /// Bytes of activations that a training step keeps from the forward pass for the backward pass: the input, and what
  /// each layer keeps.
  package func keptBytes(input: Tensor) -> Int { 4 * input.count + sequence.keptBytes }

  /// Computes the gradients of all parameters from the gradient of the logits, which is overwritten.
  package func backward(_ logitsGradient: Tensor, _ pass: PassContext) {
    _ = sequence.backward(logitsGradient, needsInputGradient: false, pass)
  }

  /// Prepares the operands of each layer's products.
  package func prepareOperands(_ form: Compute.OperandForm, _ compute: Compute) {
    for parameter in parameters { compute.prepareOperand(of: parameter, form) }
  }

  /// Draws stochastic binary weights: +1 with probability (w/clipValue + 1)/2.
  /// - Parameter firstStream: the random stream of the first binary layer; the next layers use the next streams.
  package func drawBinaryWeights(clipValue: Float, firstStream: UInt32, _ pass: PassContext) {
    for (index, parameter) in binaryParameters.enumerated() {
      let random = pass.random(stream: firstStream + UInt32(index))
      pass.compute.prepareOperand(of: parameter, .stochasticSigns(clipValue: clipValue, random: random))
    }
  }

  /// Re-estimates the running statistics of each batch normalization as the mean over `batchCount` batches, with the
  /// current operands and without dropout.
  ///
  /// Training with stochastic binary weights gathers the statistics of those weights. The deterministic weights have
  /// other statistics, and would be normalized wrongly. Training itself does not use running statistics.
  /// - Parameter batch: returns the images of a batch, by index from 0.
  package func estimateStatistics(batchCount: Int, _ pass: PassContext, batch: (Int) -> Tensor) {
    guard !buffers.isEmpty else { return }
    var pass = pass
    pass.isTraining = false
    pass.estimatesStatistics = true
    for index in 0..<batchCount {
      // Weights of 0, 1/2, 2/3, ... for the old value give an unweighted mean.
      pass.statisticsMomentum = Float(index) / Float(index + 1)
      _ = forward(batch(index), pass)
    }
  }

  /// All tensors that determine the network's output: parameters, then running statistics, in the order of the layers.
  package var state: [Tensor] { namedState.map(\.tensor) }

  /// The same tensors with names: `hidden1.weights`, `hidden1.normalization.runningMean`.
  package var namedState: [(name: String, tensor: Tensor)] {
    layers.flatMap { layer in layer.parameters.map { ($0.name, $0.value) } + layer.buffers }
  }

  /// Applies settings that may change during training to the layers.
  package func apply(_ settings: LayerSettings) { for layer in layers { layer.apply(settings) } }

  /// State besides the parameters that training changes, in the order of the layers.
  package var buffers: [(name: String, tensor: Tensor)] { layers.flatMap(\.buffers) }
}

/// A sequence of layers: a network, or one path of a residual block.
package struct LayerSequence {
  /// The layers in the order of the forward pass; a residual block is one of them.
  package let layers: [any Layer]
  // For each layer, itself and the pooling after it, if they may be computed together.
  private let pooled: [(layer: any PooledLayer, pooling: Pooling)?]

  /// A sequence of layers.
  package init(_ layers: [any Layer]) {
    self.layers = layers
    pooled = layers.indices.map { index in
      guard index + 1 < layers.count, let layer = layers[index] as? any PooledLayer else { return nil }
      return (layers[index + 1] as? Pooling).map { (layer, $0) }
    }
  }

  /// The layers with residual blocks expanded.
  package var leaves: [any Layer] { layers.flatMap(\.leaves) }

  /// Bytes of activations that the layers keep for the backward pass.
  var keptBytes: Int { layers.reduce(0) { $0 + $1.keptBytes } }

  /// Computes the output for `input`.
  func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    var (activations, index) = (input, 0)
    while index < layers.count {
      let layer = layers[index]
      // An observer wants to see every input.
      if pass.observer == nil, let pair = pooled[index],
        let output = pair.layer.forward(activations, pooledBy: pair.pooling, pass)
      {
        activations = output
        index += 2
        continue
      }
      pass.observer?.willRun(layer, activations)
      activations = layer.forward(activations, pass)
      index += 1
    }
    return activations
  }

  /// Computes the gradients of all parameters.
  /// - Returns: the input gradient; unspecified if it is not requested.
  func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    // No gradient is needed before the first layer with parameters unless the input gradient is requested.
    let first = needsInputGradient ? 0 : layers.firstIndex { !$0.parameters.isEmpty } ?? layers.count
    var (gradient, index) = (outputGradient, layers.count - 1)
    while index >= first {
      let before = index - 1
      if before >= first, let pair = pooled[before],
        let result = pair.layer.backward(
          gradient, pooledBy: pair.pooling, needsInputGradient: needsInputGradient || before > first, pass)
      {
        gradient = result
        index -= 2
        continue
      }
      gradient = layers[index].backward(gradient, needsInputGradient: needsInputGradient || index > first, pass)
      index -= 1
    }
    return gradient
  }
}
