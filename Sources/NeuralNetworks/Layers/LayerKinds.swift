package import Tensors

/// The list of all kinds of layers. A new kind is one file, and an entry here.
package enum LayerKinds {
  /// Kinds that can appear in a list of layers, in the order in which errors list them.
  package static let planned: [any PlannedLayer.Type] = [
    ConvolutionPlan.self, LinearPlan.self, BatchNormalizationPlan.self, ActivationPlan.self, HardtanhPlan.self,
    PoolingPlan.self, GlobalAveragePoolingPlan.self, FlattenPlan.self, DropoutPlan.self, ResidualPlan.self,
  ]

  /// Kinds that can appear in the description of a network.
  package static let fitted: [any FittedLayer.Type] = [
    FittedConvolution.self, FittedLinear.self, FittedBatchNormalization.self, FittedReLU.self, FittedSign.self,
    FittedQuantizedActivation.self, FittedRSign.self, FittedRPReLU.self, FittedHardtanh.self, FittedPooling.self,
    FittedFlatten.self,
    BlockBegin.self, ShortcutBegin.self, BlockSum.self,
  ]

  /// The words that can appear in a list of layers.
  package static var words: [String] { planned.flatMap { $0.words } }
}

/// A kind of layer in a list of layers: its spelling and its shape rule.
package protocol PlannedLayer: Hashable, Codable, Sendable {
  /// Its name in the JSON of recorded plans; never changed.
  static var name: String { get }
  /// Its names in a list of layers: `maxPool`, `averagePool`.
  static var words: [String] { get }
  /// The key that a single value is short for, as `filters` in `convolution: 50`; nil for a layer without keys.
  static var shortKey: String? { get }
  /// Whether the word may appear without keys. By default only layers without keys may.
  static var standsAlone: Bool { get }

  /// Reads a layer.
  /// - Parameters:
  ///   - word: one of `words`.
  ///   - keys: its keys. Keys that are not read are rejected as unknown.
  init(word: String, _ keys: any LayerKeys) throws
  /// The word and the keys that write the layer; no keys if the word alone is enough.
  var spelling: (word: String, keys: [(String, LayerValue)]) { get }

  /// Checks the layer against the layers before it, and appends its fitted layer.
  /// - Parameter following: the layers after it in its list.
  /// - Throws: `NetworkError`.
  func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws

  /// Whether it has a weight matrix.
  var hasWeights: Bool { get }
  /// Its effect on a bias that was added before it.
  var effectOnBias: EffectOnBias { get }
  /// The activation function in a network of this plan; nil for other kinds of layers.
  func activation(in plan: NetworkPlan) -> LayerPlan.Activation?
  /// The layers inside a block; nil for a layer that is not a block.
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

/// The effect of a layer on a bias added before it.
package enum EffectOnBias: Sendable {
  /// The bias is cancelled when the mean is subtracted: batch normalization.
  case isRemoved
  /// The bias passes through unchanged: pooling.
  case passes
  /// The bias has an effect.
  case counts
}

/// Reads the keys of a layer in a list of layers.
package protocol LayerKeys {
  /// Returns a whole number within a range; nil if the key is missing.
  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int?
  /// Returns a real number within a range; nil if the key is missing.
  func number(_ key: String, in range: ClosedRange<Float>) throws -> Float?
  /// Returns a Boolean; nil if the key is missing.
  func flag(_ key: String) throws -> Bool?
  /// Returns a word; nil if the key is missing.
  func word(_ key: String) throws -> String?
  /// Returns a case of an enumeration; nil if the key is missing.
  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws -> Choice?
  where Choice.RawValue == String
  /// Returns a list of layers; nil if the key is missing or its value is not a list.
  func layers(_ key: String) throws -> [LayerPlan]?
  /// Returns whether the key is present.
  func has(_ key: String) -> Bool
  /// Returns an error about a key.
  func wrong(_ key: String, expected: String) -> any Error
}

/// The value of a layer's key, for writing.
package enum LayerValue: Hashable, Sendable {
  case integer(Int)
  case number(Float)
  case flag(Bool)
  case word(String)
  case layers([LayerPlan])
}

/// A kind of layer for a given input shape: its costs, construction and description.
///
/// Its fields are everything that inference needs besides the tensors. Settings that only training needs come from the
/// builder. Weights packed for a device are made from `weights` and the layer's tensors.
package protocol FittedLayer: Hashable, Sendable {
  /// Its names in a checkpoint's description.
  static var words: [String] { get }
  /// Reads a description.
  /// - Parameter input: the input shape of one image.
  /// - Throws: `NetworkError` if a field is missing or invalid.
  init(_ description: NetworkDescription.Layer, input: ImageShape) throws
  /// Returns the description; nil if the layer has no effect in inference.
  func description(_ name: String) -> NetworkDescription.Layer?
  /// Returns the output shape of one image.
  func output(of input: ImageShape) -> ImageShape

  /// Builds the layer and appends it to the builder's layers.
  func build(_ name: String, _ builder: inout NetworkBuilder)
  /// Packs the layer for a device: adds what it does in inference.
  /// - Throws: `NetworkError` where it cannot be packed.
  func pack(_ name: String, _ packer: inout NetworkPacker) throws
  /// The layer for display: “greatest of 2×2/2 valid”.
  var words: String { get }
  /// Its part of a network's short description, “50c3”; nil to leave it out.
  var summary: String? { get }
  /// Whether more than three equal ones are written as a count in a short description: “7×16c3”.
  var isCounted: Bool { get }

  /// The weight matrix; nil if there is none.
  var weights: WeightMatrix? { get }
  /// Number of parameters besides the matrix.
  var otherParameterCount: Int { get }
  /// Multiply-accumulates per image.
  var products: Int { get }
  /// Number of scratch values per image besides its output.
  var scratchCount: Int { get }

  /// Whether its output has few bits; nil if its input decides.
  var makesFewBits: Bool? { get }
  /// Whether it accepts signs as input.
  var takesSigns: Bool { get }
  /// Whether its output is signs; nil if its input decides.
  var givesSigns: Bool? { get }
  /// Whether a network may end with it.
  var canBeLast: Bool { get }
  /// The activation that a batch normalization before it can fuse; nil if it cannot be fused.
  var fusedActivation: BatchNormalization.Activation? { get }
  /// Whether it reads its input immediately and does not need it in the backward pass.
  var readsInputOnce: Bool { get }
  /// Whether the layer at this index of the builder's layout binarizes its input and does not need it later.
  func makesSigns(at index: Int, _ builder: NetworkBuilder) -> Bool
  /// Its role in the structure of residual blocks.
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
