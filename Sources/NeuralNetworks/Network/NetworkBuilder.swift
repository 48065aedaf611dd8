package import Tensors

/// Builds the layers of a layout one after the other. Each kind of layer builds itself.
package struct NetworkBuilder {
  /// The layout.
  package let layout: NetworkLayout
  /// The numbers that only training needs; nil where the network is built for inference.
  package let plan: NetworkPlan?
  /// How products of real operands are rounded.
  package let precision: Precision
  /// The layers of the list that is being built: the network's, a block's or a shortcut's.
  package var layers: [any Layer] = []
  /// The place of the item behind the one that is being built.
  package private(set) var nextIndex = 0

  private let seed: UInt64
  private let compute: Compute
  // What stands before the blocks and shortcuts that have begun.
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

  /// The item behind the one that is being built; nil at the end.
  package var next: NetworkLayout.Item? { nextIndex < layout.items.count ? layout.items[nextIndex] : nil }

  /// Leaves the next item out: the layer that is being built does its work.
  mutating func passOver() { nextIndex += 1 }

  // MARK: Blocks

  /// Whether a block's layers are being built.
  var isInBlock: Bool { !outer.isEmpty }

  /// Begins the layers of a block or of a shortcut.
  mutating func beginList() {
    outer.append(layers)
    layers = []
  }

  /// Ends a list that `beginList` has begun, and returns its layers.
  mutating func endList() -> [any Layer] {
    defer { layers = outer.removeLast() }
    return layers
  }

  // MARK: Numbers of training

  /// What the gradient of signs is taken to be at first.
  var estimator: SignEstimator { plan?.estimator(progress: 0) ?? SignEstimator() }

  /// The random stream of signs that are drawn: one for each place in the layout, whatever the layer there, and whatever
  /// block it stands in.
  var signStream: UInt32 { NetworkLayout.Streams.signs + UInt32(nextIndex) }

  /// The random stream of the next dropout of hidden units.
  mutating func nextDropoutStream() -> UInt32 {
    dropoutStream += 1
    return dropoutStream
  }

  /// Whether the updates of a layer's latent weights are multiplied by Glorot's scale.
  func scalesUpdates(of matrix: WeightMatrix) -> Bool {
    plan?.scalesUpdates ?? false && !(matrix.quantized?.standsForFloats ?? false)
  }

  /// Makes of a layer's latent weights what products read, with the numbers that training has; nil where these are signs, or
  /// weights are float.
  func quantizer(of matrix: WeightMatrix) -> (any WeightQuantizer)? {
    guard let facts = matrix.quantized else { return nil }
    return plan?.quantizer.flatMap { $0.facts == facts ? $0 : nil } ?? facts.quantizer
  }

  /// Draws the first weights of a layer.
  mutating func fill(_ weights: Parameter, inputs: Int, outputs: Int) {
    guard let plan else { return }
    let fillsClip = weights.isLatent && !(weights.facts?.standsForFloats ?? false)
    let bound: Float =
      switch plan.initialization {
      case .glorot: (6 / Float(inputs + outputs)).squareRoot()
      case .he: (6 / Float(inputs)).squareRoot()
      // Float weights beside latent ones have no clip to fill.
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
  /// Random streams: a network draws its first weights, its dropout, its binary weights and its signs from streams of
  /// its own.
  package enum Streams {
    static let initialization: UInt32 = 0x100
    static let dropout: UInt32 = 0x200
    /// The stream of the first layer's stochastic binary weights.
    package static let binaryWeights: UInt32 = 0x300
    static let signs: UInt32 = 0x1000
  }

  /// Builds the network for training by `plan`, its weights drawn from `seed`.
  package func makeNetwork(_ plan: NetworkPlan, precision: Precision, seed: UInt64, _ compute: Compute) -> Network {
    var builder = NetworkBuilder(self, plan, precision: precision, seed: seed, compute)
    return builder.network()
  }

  /// Builds the network for inference, with weights of 0.
  package func makeNetwork(precision: Precision = .float32, _ compute: Compute) -> Network {
    var builder = NetworkBuilder(self, nil, precision: precision, seed: 0, compute)
    return builder.network()
  }
}
