package import Tensors

extension NetworkLayout {
  /// Random streams: a network draws its first weights, its dropout, its binary weights and its signs from streams of
  /// its own.
  package enum Streams {
    static let initialization: UInt32 = 0x100
    static let dropout: UInt32 = 0x200
    /// The stream of the first layer's stochastic binary weights.
    package static let binaryWeights: UInt32 = 0x300
    static let signs: UInt32 = 0x1000
  }

  /// Builds the network of `plan`, its weights drawn from `seed`.
  package func makeNetwork(_ plan: NetworkPlan, precision: Precision, seed: UInt64, _ compute: Compute) -> Network {
    var layers: [any Layer] = []
    // What stands before the blocks and shortcuts that have begun.
    var outer: [[any Layer]] = []
    var streams = (weights: Streams.initialization, dropout: Streams.dropout)
    var index = 0
    // A stream for each place in the layout, whatever the layer there, and whatever block it stands in.
    func signStream() -> UInt32 { Streams.signs + UInt32(index) }
    while index < items.count {
      let item = items[index]
      index += 1
      let next = index < items.count ? items[index].kind : nil
      switch item.kind {
      case .convolution(let windows, let filters, let isBinary, let hasBias):
        let convolution = Convolution(
          name: item.name, windows: windows, filters: filters, isBinary: isBinary, hasBias: hasBias,
          scalesUpdates: item.scalesUpdates(plan), scaling: plan.scaling(channels: windows.input.channels),
          quantization: item.quantization, precision: precision, keepsOutput: next?.isPooling != true)
        let places = windows.kernel.height * windows.kernel.width
        fill(
          convolution.weights, plan, inputs: windows.features, outputs: places * filters, &streams.weights, seed,
          compute)
        layers.append(convolution)
      case .linear(let isBinary, let hasBias):
        let linear = Linear(
          name: item.name, inputs: item.input.features, outputs: item.output.features, isBinary: isBinary,
          hasBias: hasBias, scalesUpdates: item.scalesUpdates(plan),
          scaling: plan.scaling(channels: item.input.features),
          quantization: item.quantization, precision: precision, keepsOutput: !makesSigns(at: index, plan))
        fill(
          linear.weights, plan, inputs: item.input.features, outputs: item.output.features, &streams.weights, seed,
          compute)
        layers.append(linear)
      case .normalization:
        var activation = BatchNormalization.Activation.identity
        if next == .activation(.relu) || next == .activation(.sign) && !(plan.scalesInputs ?? false) {
          activation = next == .activation(.relu) ? .relu : .sign
          index += 1
        }
        // A linear layer whose output becomes signs does not keep it.
        let source = activation == .sign ? layers.last as? Linear : nil
        layers.append(
          BatchNormalization(
            name: item.name, features: item.output.channels,
            numbers: plan.batchNormalization ?? .absent,
            activation: activation, estimator: plan.estimator(progress: 0), source: source,
            stream: signStream()))
      case .activation(.relu):
        // At a block's begin it must leave its input to the other way.
        let isFirst = !outer.isEmpty && layers.allSatisfy { $0 is Dropout || $0 is Flatten }
        layers.append(ReLU(name: item.name, keepingInputOf: isFirst ? item.output.channels : nil))
      case .activation(.sign):
        layers.append(
          SignActivation(
            name: item.name, features: item.output.channels, estimator: plan.estimator(progress: 0),
            stream: signStream(), measuresSizes: plan.scalesInputs ?? false))
      case .activation(.quantized):
        layers.append(
          QuantizedActivation(
            name: item.name, features: item.output.channels,
            bits: plan.activationBits ?? NetworkPlan.usualActivationBits))
      case .activation(.rsign):
        layers.append(
          RSign(name: item.name, features: item.output.channels, estimator: plan.estimator(progress: 0)))
      case .activation(.rprelu): layers.append(RPReLU(name: item.name, features: item.output.channels))
      case .pooling(let kind, let windows): layers.append(Pooling(name: item.name, kind: kind, windows: windows))
      case .flatten: layers.append(Flatten(name: item.name, shape: item.input))
      case .dropout(let isOfInput):
        layers.append(
          Dropout(
            name: item.name, features: item.output.channels, rate: isOfInput ? plan.inputDropout : plan.dropout,
            stream: isOfInput ? Streams.dropout : streams.dropout + 1, isOfInput: isOfInput))
        if !isOfInput { streams.dropout += 1 }
      case .residual, .shortcut:
        outer.append(layers)
        layers = []
      case .sum(let shortcut):
        let last = layers
        layers = outer.removeLast()
        let block: Residual
        switch shortcut {
        case .identity:
          block = Residual(name: item.name, body: last, shortcut: .identity, features: item.output.channels)
        case .zeroPadding(let subsampling):
          block = Residual(
            name: item.name, body: last, shortcut: .zeroPadding(subsampling), features: item.output.channels)
        case .layers:
          block = Residual(
            name: item.name, body: layers, shortcut: .layers(LayerSequence(last)), features: item.output.channels)
          layers = outer.removeLast()
        }
        layers.append(block)
      }
    }
    let network = Network(input: input, layers: layers)
    network.prepareOperands(.signs, compute)
    return network
  }

  // Whether the items from `index` on make signs of what they get, and need nothing else of it later.
  private func makesSigns(at index: Int, _ plan: NetworkPlan) -> Bool {
    // What is measured is a real number each.
    guard index < items.count, !(plan.scalesInputs ?? false) else { return false }
    switch items[index].kind {
    case .activation(.sign): return !plan.estimator(progress: 0).isShaped
    case .normalization: return index + 1 < items.count && items[index + 1].kind == .activation(.sign)
    default: return false
    }
  }

  private func fill(
    _ weights: Parameter, _ plan: NetworkPlan, inputs: Int, outputs: Int, _ stream: inout UInt32, _ seed: UInt64,
    _ compute: Compute
  ) {
    let fillsClip = weights.isLatent && !(weights.quantization?.standsForFloats ?? false)
    let bound: Float =
      switch plan.initialization {
      case .glorot: (6 / Float(inputs + outputs)).squareRoot()
      case .he: (6 / Float(inputs)).squareRoot()
      // Float weights beside latent ones have no clip to fill.
      case .unit: fillsClip || !plan.hasBinaryWeights ? 1 : (6 / Float(inputs + outputs)).squareRoot()
      }
    compute.fillUniform(
      weights.value, from: -bound, to: bound, random: RandomStream(seed: seed, stream: stream, step: 0))
    compute.centerWeights(of: weights, clipValue: 1)
    stream += 1
  }
}

extension NetworkPlan {
  fileprivate func scaling(channels: Int) -> WeightScaling? {
    if let scaledGradient { return WeightScaling(channels: channels, gradient: scaledGradient) }
    return scalesWeights ?? false ? WeightScaling(channels: nil, gradient: .constant) : nil
  }
}

extension NetworkLayout.Item {
  fileprivate func scalesUpdates(_ plan: NetworkPlan) -> Bool {
    plan.scalesUpdates && !(quantization?.standsForFloats ?? false)
  }
}

extension NetworkLayout.Kind {
  fileprivate var isPooling: Bool { if case .pooling = self { true } else { false } }
}
