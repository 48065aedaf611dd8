package import Tensors

/// All kinds of layers: a new one is its own file, and an entry here.
package enum LayerKinds {
  /// What can stand in a list of layers, in the order in which errors list it.
  package static let planned: [any PlannedLayer.Type] = [
    ConvolutionPlan.self, LinearPlan.self, BatchNormalizationPlan.self, ActivationPlan.self, HardtanhPlan.self,
    PoolingPlan.self, GlobalAveragePoolingPlan.self, FlattenPlan.self, DropoutPlan.self, ResidualPlan.self,
  ]

  /// What can stand in the description of a network.
  package static let fitted: [any FittedLayer.Type] = [
    FittedConvolution.self, FittedLinear.self, FittedBatchNormalization.self, FittedReLU.self, FittedSign.self,
    FittedQuantizedActivation.self, FittedRSign.self, FittedRPReLU.self, FittedHardtanh.self, FittedPooling.self,
    FittedFlatten.self,
    BlockBegin.self, ShortcutBegin.self, BlockSum.self,
  ]

  /// The words of a list of layers.
  package static var words: [String] { planned.flatMap { $0.words } }
}

/// A kind of layer as it stands in a list of layers: how it is written, and what becomes of it behind other layers.
package protocol PlannedLayer: Hashable, Codable, Sendable {
  /// Its name in the JSON of recorded plans; never changed.
  static var name: String { get }
  /// The words that stand for it in a list of layers: `maxPool`, `averagePool`.
  static var words: [String] { get }
  /// The key that a single value stands for, as `filters` in `convolution: 50`; nil for a layer without keys.
  static var shortKey: String? { get }
  /// Whether the word may stand without keys. By default only layers without keys do.
  static var standsAlone: Bool { get }

  /// Reads a layer of one of the kind's words.
  /// - Parameter keys: its keys; those that are not asked for are refused.
  init(word: String, _ keys: any LayerKeys) throws
  /// The word and the keys, to be written; a layer of a word alone has no keys.
  var spelling: (word: String, keys: [(String, LayerValue)]) { get }

  /// Fits the layer to what stands before it, and adds what it becomes.
  /// - Parameter following: the layers behind it in its list.
  /// - Throws: `NetworkError`.
  func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws

  /// Whether it has a matrix of weights.
  var hasWeights: Bool { get }
  /// What becomes of a bias that was added before it.
  var effectOnBias: EffectOnBias { get }
  /// The activation, in a network of this plan; nil for other kinds of layers.
  func activation(in plan: NetworkPlan) -> LayerPlan.Activation?
  /// The layers that a block is made of; nil for a layer that is no block.
  func parts(withShortcuts: Bool) -> [LayerPlan]?
}

extension PlannedLayer {
  package static var shortKey: String? { nil }
  package static var standsAlone: Bool { shortKey == nil }
  package var hasWeights: Bool { false }
  package var effectOnBias: EffectOnBias { .counts }
  package func activation(in plan: NetworkPlan) -> LayerPlan.Activation? { nil }
  package func parts(withShortcuts: Bool) -> [LayerPlan]? { nil }
}

/// What becomes of a bias in front of a layer.
package enum EffectOnBias: Sendable {
  /// It is taken away, as the mean is subtracted: a batch normalization.
  case isRemoved
  /// It passes to the next layer as it is: a pooling.
  case passes
  /// It counts.
  case counts
}

/// The keys of a layer in a list of layers, as they are read.
package protocol LayerKeys {
  /// A whole number in a range.
  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int?
  /// A real number in a range.
  func number(_ key: String, in range: ClosedRange<Float>) throws -> Float?
  /// A Boolean.
  func flag(_ key: String) throws -> Bool?
  /// A word; nil where the key is missing or has no single value.
  func word(_ key: String) throws -> String?
  /// A word of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws -> Choice?
  where Choice.RawValue == String
  /// A list of layers; nil where the key is missing or has another value.
  func layers(_ key: String) throws -> [LayerPlan]?
  /// Whether the key is there.
  func has(_ key: String) -> Bool
  /// The error about a key.
  func wrong(_ key: String, expected: String) -> any Error
}

/// The value of a layer's key, as it is written.
package enum LayerValue: Hashable, Sendable {
  case integer(Int)
  case number(Float)
  case flag(Bool)
  case word(String)
  case layers([LayerPlan])
}

/// A kind of layer that is fitted to its input: what it costs, how it is built and how a checkpoint describes it.
///
/// Its fields are all that the layer's inference needs beside its tensors; numbers that only training needs are the
/// builder's. Values that are packed for a device are made from `weights` and from the layer's tensors.
package protocol FittedLayer: Hashable, Sendable {
  /// The words that stand for it in a checkpoint's description.
  static var words: [String] { get }
  /// Reads a description.
  /// - Parameter input: the shape of what comes in for an image.
  /// - Throws: `NetworkError` where a field is missing or does not fit.
  init(_ description: NetworkDescription.Layer, input: ImageShape) throws
  /// The description; nil for what does nothing in inference.
  func description(_ name: String) -> NetworkDescription.Layer?
  /// What goes out for an image.
  func output(of input: ImageShape) -> ImageShape

  /// Builds the layer and adds it to the builder's.
  func build(_ name: String, _ builder: inout NetworkBuilder)
  /// What it is, for people: “greatest of 2×2/2 valid”.
  var words: String { get }
  /// What it is in a network's short description, “50c3”; nil for what does not stand there.
  var summary: String? { get }
  /// Whether more than three equal ones are counted in a short description: “7×16c3”.
  var isCounted: Bool { get }

  /// The matrix of weights; nil where there is none.
  var weights: WeightMatrix? { get }
  /// How many numbers it learns beside the matrix.
  var otherParameterCount: Int { get }
  /// Multiply-accumulates for an image.
  var products: Int { get }
  /// How many numbers it writes down for an image beside its output.
  var scratchCount: Int { get }

  /// Whether its outputs have few bits: true and false tell so, nil that they have as few as its inputs.
  var makesFewBits: Bool? { get }
  /// Whether signs may come in.
  var takesSigns: Bool { get }
  /// Whether signs go out; nil where that is as it comes in.
  var givesSigns: Bool? { get }
  /// Whether a network may end with it.
  var canBeLast: Bool { get }
  /// What a batch normalization before it does in its place; nil where it stands by itself.
  var fusedActivation: BatchNormalization.Activation? { get }
  /// Whether it reads its input at once, and its backward pass does not.
  var readsInputOnce: Bool { get }
  /// Whether the layer, at a place of the builder's layout, makes signs of its input and needs nothing else of it later.
  func makesSigns(at index: Int, _ builder: NetworkBuilder) -> Bool
  /// What it is in the structure of residual blocks.
  var place: NetworkLayout.Place { get }
}

extension FittedLayer {
  package func output(of input: ImageShape) -> ImageShape { input }
  package var summary: String? { nil }
  package var isCounted: Bool { false }
  package var weights: WeightMatrix? { nil }
  package var otherParameterCount: Int { 0 }
  package var products: Int { 0 }
  package var scratchCount: Int { 0 }
  package var makesFewBits: Bool? { false }
  package var takesSigns: Bool { false }
  package var givesSigns: Bool? { nil }
  package var canBeLast: Bool { false }
  package var fusedActivation: BatchNormalization.Activation? { nil }
  package var readsInputOnce: Bool { false }
  package func makesSigns(at index: Int, _ builder: NetworkBuilder) -> Bool { false }
  package var place: NetworkLayout.Place { .layer }
}
