package import NeuralNetworks
private import Tensors

extension ExportRequest {
  /// A request for a trained network.
  package init(model: PackedModel, name: String, trained: TrainedNetwork) {
    let layout = trained.checkpoint.layout
    self.init(
      model: model, name: name, tensors: TrainedTensor.all(of: trained.network, layout),
      network: NetworkDescription(layout))
  }
}

extension ExportRequest.TrainedTensor {
  /// Returns the tensors of a network in the shapes that other frameworks use.
  ///
  /// `NAME.weights` are the weights of the products, with their scale: `[outputs, inputs]` of a linear layer, `[outputs,
  /// channels, rows, columns]` of a convolution. If training keeps latent weights, they are `NAME.latentWeights`. All
  /// other tensors have one axis.
  package static func all(of network: Network, _ layout: NetworkLayout) -> [Self] {
    let parameters = Dictionary(network.parameters.map { ($0.name, $0) }) { first, _ in first }
    let windows = Dictionary(
      layout.items.compactMap { item in
        (item.layer as? FittedConvolution).map { ("\(item.name).weights", $0.windows) }
      }
    ) { first, _ in first }
    return network.namedState.flatMap { name, tensor -> [Self] in
      guard name.hasSuffix(".weights"), let parameter = parameters[name] else {
        return [Self(name: name, shape: [tensor.count], values: tensor.values)]
      }
      let (weights, scales) = parameter.packedWeights
      var values = weights.floats
      if let scales {
        for place in values.indices { values[place] *= scales[place / weights.columns] }
      }
      func matrix(_ name: String, _ values: [Float]) -> Self {
        let matrix = Self(name: name, shape: [weights.rows, weights.columns], values: values)
        return windows[parameter.name].map { matrix.channelsFirst($0) } ?? matrix
      }
      let latent = tensor.values
      let effective = matrix(name, values)
      return values == latent
        ? [effective] : [effective, matrix(name.dropLast("weights".count) + "latentWeights", latent)]
    }
  }

  // Weights of shape `[outputs, rows, columns, channels]` as `[outputs, channels, rows, columns]`.
  private func channelsFirst(_ windows: ImageWindows) -> Self {
    let (channels, kernel) = (windows.input.channels, windows.kernel)
    let places = kernel.height * kernel.width
    var turned = values
    for row in 0..<shape[0] {
      for channel in 0..<channels {
        for place in 0..<places {
          turned[(row * channels + channel) * places + place] = values[(row * places + place) * channels + channel]
        }
      }
    }
    return Self(name: name, shape: [shape[0], channels, kernel.height, kernel.width], values: turned)
  }
}
