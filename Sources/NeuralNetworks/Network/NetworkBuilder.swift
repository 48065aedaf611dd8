package import Tensors

/// Builds the layers of a layout in order. Each kind of layer builds itself.
package struct NetworkBuilder {
  /// The layout.
  package let layout: NetworkLayout
  /// Settings that only training needs; nil if the network is built for inference.
  package let plan: NetworkPlan?
  /// The precision of products of two float operands.
  package let precision: Precision
  /// The layers built so far in the current list: the network, a block or a shortcut.
  package var layers: [any Layer] = []
  /// The index of the item after the one being built.
  package private(set) var nextIndex = 0

  private let seed: UInt64
  private let compute: Compute
  // The lists that enclose the current one.
  private var outer: [[any Layer]] = []
  private var weightStream = NetworkLayout.Streams.initialization
  private var dropoutStream = NetworkLayout.Streams.dropout

  init(_ layout: NetworkLayout, _ plan: NetworkPlan?, precision: Precision, seed: UInt64, _ compute: Compute) {
    self.layout = layout
    self.plan = plan
    self.precision = precision
    self.seed = seed
    self.compute = compute
  }

  mutating func network() -> Network {
    while let item = next {
      nextIndex += 1
      item.layer.build(item.name, &self)
    }
    let network = Network(input: layout.input, layers: layers)
    network.prepareOperands(.signs, compute)
    return network
  }

  /// The item after the one being built; nil at the end.
  package var next: NetworkLayout.Item? { nextIndex < layout.items.count ? layout.items[nextIndex] : nil }

  /// Skips the next item, because the layer being built includes it.
  mutating func passOver() { nextIndex += 1 }

  // MARK: Blocks

  /// Whether the layers of a block are being built.
  var isInBlock: Bool { !outer.isEmpty }

  /// Starts the list of layers of a block or a shortcut.
  mutating func beginList() {
    outer.append(layers)
    layers = []
  }

  /// Ends the list that `beginList` started, and returns its layers.
  mutating func endList() -> [any Layer] {
    defer { layers = outer.removeLast() }
    return layers
  }

  // MARK: Training settings

  /// The initial gradient estimator of signs.
  var estimator: SignEstimator { plan?.estimator(progress: 0) ?? SignEstimator() }

  /// The random stream of stochastic signs: one per index in the layout, whatever the layer or block there.
  var signStream: UInt32 { NetworkLayout.Streams.signs + UInt32(nextIndex) }

  /// Returns the random stream of the next dropout of hidden units.
  mutating func nextDropoutStream() -> UInt32 {
    dropoutStream += 1
    return dropoutStream
  }

  /// Returns whether updates of a layer's latent weights are multiplied by Glorot's scale.
  func scalesUpdates(of matrix: WeightMatrix) -> Bool {
    plan?.scalesUpdates ?? false && !(matrix.quantized?.standsForFloats ?? false)
  }

  /// Returns the quantizer of a layer's latent weights, with the training's settings; nil for plain signs and for float
  /// weights.
  func quantizer(of matrix: WeightMatrix) -> (any WeightQuantizer)? {
    guard let facts = matrix.quantized else { return nil }
    return plan?.quantizer.flatMap { $0.facts == facts ? $0 : nil } ?? facts.quantizer
  }

  /// Initializes the weights of a layer.
  mutating func fill(_ weights: Parameter, inputs: Int, outputs: Int) {
    guard let plan else { return }
    let fillsClip = weights.isLatent && !(weights.facts?.standsForFloats ?? false)
    let bound: Float =
      switch plan.initialization {
      case .glorot: (6 / Float(inputs + outputs)).squareRoot()
      case .he: (6 / Float(inputs)).squareRoot()
      // Float weights in a binary network are not clipped, so they use Glorot's bound.
      case .unit: fillsClip || !plan.hasBinaryWeights ? 1 : (6 / Float(inputs + outputs)).squareRoot()
      }
    compute.fillUniform(
      weights.value, from: -bound, to: bound, random: RandomStream(seed: seed, stream: weightStream, step: 0))
    compute.centerWeights(of: weights, clipValue: 1)
    if let scales = weights.learnedScales {
      compute.fillUniform(
        scales.value, from: 0, to: 1, random: RandomStream(seed: seed, stream: weightStream, step: 1))
    }
    weightStream += 1
  }
}

extension NetworkLayout {
  /// Random streams: initialization, dropout, binary weights and sign activations use separate ones.
  package enum Streams {
    static let initialization: UInt32 = 0x100
    static let dropout: UInt32 = 0x200
    /// The stream of the first layer's stochastic binary weights.
    package static let binaryWeights: UInt32 = 0x300
    static let signs: UInt32 = 0x1000
    /// The stream of the rounding of the first parameter's moments.
    static let rounding: UInt32 = 0x10000
  }

  /// Builds the network for training as `plan` says, with weights initialized from `seed`.
  package func makeNetwork(_ plan: NetworkPlan, precision: Precision, seed: UInt64, _ compute: Compute) -> Network {
    var builder = NetworkBuilder(self, plan, precision: precision, seed: seed, compute)
    return builder.network()
  }

  /// Builds the network for inference, with all weights 0.
  package func makeNetwork(precision: Precision = .float32, _ compute: Compute) -> Network {
    var builder = NetworkBuilder(self, nil, precision: precision, seed: 0, compute)
    return builder.network()
  }
}
