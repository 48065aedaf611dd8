package import Tensors
package import TrainingMetrics

/// Collects the figures of a network's layers. It overwrites gradients and running statistics, so it takes a network of
/// its own, not one that trains.
package struct NetworkDiagnosis {
  private let network: Network
  private let layout: NetworkLayout
  private var weights: [String: LayerDiagnostics.Weights] = [:]
  private var activations: [String: LayerDiagnostics.Activations] = [:]
  private var lags: [String: LayerDiagnostics.Lag] = [:]
  private var gradientNorms: [String: Double] = [:]
  /// The mean loss of the batch, normalized with its own statistics; nil if it was not measured.
  package private(set) var loss: Double?

  /// A diagnosis of a network with this layout.
  package init(_ network: Network, _ layout: NetworkLayout) { (self.network, self.layout) = (network, layout) }

  /// Measures binary and ternary weights.
  /// - Parameters:
  ///   - clipValue: the bound of latent weights; nil without latent weights.
  ///   - flips: totals of the flips by the parameter's name; empty if they are not known.
  package mutating func measureWeights(clipValue: Float?, flips: [String: Parameter.FlipTotals]) {
    weights = network.weightFigures(clipValue: clipValue) { flips[$0.name]?.weightsByFlips.first }
  }

  /// Measures signs with running statistics, then normalizations and gradients with the batch's.
  /// - Parameters:
  ///   - images: shape `[batch, height·width·channels]`.
  ///   - labels: one class index per image.
  package mutating func measureBatch(
    _ images: Tensor, labels: [UInt8], _ loss: Loss, smoothing: Float, _ compute: Compute
  ) {
    (activations, lags) = network.activationFigures(images, PassContext(compute: compute, isTraining: false))
    let pass = PassContext(compute: compute, isTraining: true)
    let logits = network.forward(images, pass)
    let gradient = Tensor(rows: 0, columns: logits.columns)
    self.loss = loss.value(logits, labels: labels, smoothing: smoothing, gradient: gradient, compute)
    network.backward(gradient, pass)
    for layer in network.layers {
      guard let weights = layer.weightMatrix else { continue }
      gradientNorms[layer.name] = weights.gradient.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
  }

  /// The figures so far, of each layer that has any, in the order of the forward pass.
  package var layers: [LayerDiagnostics] {
    network.diagnostics(
      layout, weights: weights, activations: activations, lags: lags, gradientNorms: gradientNorms, hasCosts: true)
  }
}

extension Network {
  /// The figures of binary and ternary weights, by the layer's name.
  /// - Parameters:
  ///   - clipValue: the bound of latent weights; nil without latent weights.
  ///   - neverFlipped: returns the number of weights that have never flipped.
  package func weightFigures(
    clipValue: Float?, neverFlipped: (Parameter) -> Int?
  ) -> [String: LayerDiagnostics.Weights] {
    var figures: [String: LayerDiagnostics.Weights] = [:]
    for layer in layers {
      guard let weights = layer.weightMatrix else { continue }
      figures[layer.name] = LayerDiagnostics.Weights(
        weights, (layer as? Convolution)?.windows, clipValue: clipValue, neverFlipped: neverFlipped(weights))
    }
    return figures
  }

  /// The figures of signs in a forward pass with running statistics, and of normalizations in one with the batch's
  /// statistics, by the layer's name. Running statistics are the same afterwards, bit for bit.
  /// - Parameter images: shape `[batch, height·width·channels]`.
  package func activationFigures(
    _ images: Tensor, _ pass: PassContext
  ) -> (activations: [String: LayerDiagnostics.Activations], lags: [String: LayerDiagnostics.Lag]) {
    var pass = pass
    let (signs, lag) = (SignProbe(), LagProbe())
    pass.isTraining = false
    pass.observer = signs
    _ = forward(images, pass)
    guard !buffers.isEmpty else { return (signs.activations, [:]) }
    let tensors = buffers.map(\.tensor)
    let copies = tensors.map { tensor in
      let copy = Tensor(rows: tensor.rows, columns: tensor.columns)
      copy.copy(from: tensor)
      return copy
    }
    pass.estimatesStatistics = true
    pass.observer = lag
    _ = forward(images, pass)
    for (tensor, copy) in zip(tensors, copies) { tensor.copy(from: copy) }
    return (signs.activations, lag.lags)
  }

  /// The given figures by layer, of each layer that has any, in the order of the forward pass.
  /// - Parameter hasCosts: whether what does not change during training is included.
  package func diagnostics(
    _ layout: NetworkLayout, weights: [String: LayerDiagnostics.Weights] = [:],
    activations: [String: LayerDiagnostics.Activations] = [:], lags: [String: LayerDiagnostics.Lag] = [:],
    gradientNorms: [String: Double] = [:], hasCosts: Bool = false
  ) -> [LayerDiagnostics] {
    let outputs = Dictionary(layout.items.map { ($0.name, $0.output) }) { first, _ in first }
    let costs = hasCosts ? layout.costs : [:]
    return layers.compactMap { layer in
      let name = layer.name
      guard layer.weightMatrix != nil || activations[name] != nil || lags[name] != nil else { return nil }
      return LayerDiagnostics(
        name: name,
        output: outputs[name].map { $0.pixels == 1 ? [$0.channels] : [$0.height, $0.width, $0.channels] } ?? [],
        weightShape: layer.weightMatrix.map { [$0.value.rows, $0.value.columns] }, cost: costs[name],
        weights: weights[name], activations: activations[name], lag: lags[name], gradientNorm: gradientNorms[name])
    }
  }
}

extension NetworkLayout {
  /// The costs of the layers with parameters, by name.
  fileprivate var costs: [String: LayerDiagnostics.Cost] {
    var costs: [String: LayerDiagnostics.Cost] = [:]
    for (index, item) in items.enumerated() {
      let parameters = item.weightCount + item.otherParameterCount
      guard parameters > 0 else { continue }
      costs[item.name] = LayerDiagnostics.Cost(
        parameters: parameters, packedBytes: item.packedBytes, products: item.products,
        operands: arithmetic(at: index)?.words)
    }
    return costs
  }
}

extension Layer {
  /// The weight matrix; nil for a layer without one.
  package var weightMatrix: Parameter? { parameters.first(where: \.isOperand) }
}
