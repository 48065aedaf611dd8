package import Tensors

/// The plan of a network: its layers, and what the method makes of them. It knows neither the images' size nor how many
/// classes there are: `NetworkLayout` fits it to a data set.
package struct NetworkPlan: Hashable, Codable, Sendable {
  /// Where latent and float weights start. `inputs` and `outputs` of a convolution count the places of its kernel.
  package enum Initialization: String, Codable, Sendable, CaseIterable {
    /// U(-√(6/(inputs + outputs)), +√(6/(inputs + outputs))).
    case glorot
    /// U(-√(6/inputs), +√(6/inputs)).
    case he
    /// U(-1, 1).
    case unit
  }

  /// Units of each hidden layer of a multilayer perceptron.
  package var hidden: [Int]
  /// The layers; nil for the multilayer perceptron of `hidden`.
  package var layers: [LayerPlan]?
  /// What the list of layers is called, where it has a name.
  package var name: String?
  /// The activation of the method.
  package var activation: LayerPlan.Activation
  /// Whether layers have binary weights, or such of few bits.
  package var hasBinaryWeights: Bool
  /// Whether the first layer with weights keeps float ones.
  package var keepsFirstFloat: Bool?
  /// Whether the last layer with weights keeps float ones.
  package var keepsLastFloat: Bool?
  /// Whether the first layer with weights has such of 8 bits. What it multiplies, pixels, has 8 bits of itself.
  package var firstHasEightBits: Bool?
  /// Whether the last layer with weights has such of 8 bits.
  package var lastHasEightBits: Bool?
  /// The numbers of batch normalizations; nil for none.
  package var batchNormalization: BatchNormalizationNumbers?
  /// Whether the last linear layer of a multilayer perceptron is normalized too.
  package var normalizesOutput: Bool
  /// The share of inputs that dropout sets to zero.
  package var inputDropout: Float
  /// The share of hidden units that dropout sets to zero.
  package var dropout: Float
  /// The straight-through estimator's shape; nil for a window.
  package var ste: SignEstimator.Kind?
  /// The straight-through estimator's window.
  package var steWindow: Float
  /// Whether updates of latent weights are multiplied by Glorot's scale.
  package var scalesUpdates: Bool
  /// How gradients go through the scales of binary weights, as XNOR-Net has them; nil for other methods.
  package var scaledGradient: WeightScaling.Gradient?
  /// Whether products with signs are multiplied by the mean magnitude of what these were made of: K of XNOR-Net. Signs around a
  /// learned threshold have none.
  package var scalesInputs: Bool?
  /// Whether the signs of other methods are scaled by the weights' mean absolute value, a constant to the gradient.
  package var scalesWeights: Bool?
  /// What becomes of latent weights; nil for their signs.
  package var quantization: WeightQuantization?
  /// Bits of activations that have few; nil where there are none.
  package var activationBits: Int?
  /// Where weights start.
  package var initialization: Initialization

  /// A plan.
  package init(
    hidden: [Int] = [], layers: [LayerPlan]? = nil, name: String? = nil, activation: LayerPlan.Activation = .relu,
    hasBinaryWeights: Bool = false, keepsFirstFloat: Bool = false, keepsLastFloat: Bool = false,
    firstHasEightBits: Bool = false, lastHasEightBits: Bool = false,
    batchNormalization: BatchNormalizationNumbers? = nil, normalizesOutput: Bool = false, inputDropout: Float = 0,
    dropout: Float = 0, ste: SignEstimator.Kind = .ste, steWindow: Float = 1, scalesUpdates: Bool = false,
    scaledGradient: WeightScaling.Gradient? = nil, scalesInputs: Bool = false, scalesWeights: Bool = false,
    quantization: WeightQuantization? = nil, activationBits: Int? = nil,
    initialization: Initialization = .glorot
  ) {
    self.hidden = hidden
    self.layers = layers
    self.name = name
    self.activation = activation
    self.hasBinaryWeights = hasBinaryWeights
    self.keepsFirstFloat = keepsFirstFloat
    self.keepsLastFloat = keepsLastFloat
    self.firstHasEightBits = firstHasEightBits
    self.lastHasEightBits = lastHasEightBits
    self.batchNormalization = batchNormalization
    self.normalizesOutput = normalizesOutput
    self.inputDropout = inputDropout
    self.dropout = dropout
    self.ste = ste
    self.steWindow = steWindow
    self.scalesUpdates = scalesUpdates
    self.scaledGradient = scaledGradient
    self.scalesInputs = scalesInputs
    self.scalesWeights = scalesWeights
    self.quantization = quantization
    self.activationBits = activationBits
    self.initialization = initialization
  }

  /// Bits of activations where nothing else is said.
  package static let defaultActivationBits = 2

  /// All layers, those of a multilayer perceptron included.
  package var allLayers: [LayerPlan] {
    if let layers { return layers }
    var list: [LayerPlan] = [.dropout]
    for units in hidden {
      list += [
        .linear(outputs: units, isBinary: nil), .batchNormalization, .activation(nil), .dropout,
      ]
    }
    list.append(.linear(outputs: nil, isBinary: nil))
    if normalizesOutput { list.append(.batchNormalization) }
    return list
  }

  /// Whether some activations are signs.
  package var hasSigns: Bool {
    allLayers.flatMap { $0.leaves() }.contains { layer in
      layer.layer.activation(in: self)?.givesSigns ?? false
    }
  }

  /// Whether some of them may be drawn in training: all but those around a learned threshold.
  package var hasDrawableSigns: Bool {
    allLayers.flatMap { $0.leaves() }.contains { layer in
      layer.layer.activation(in: self) == .sign
    }
  }

  /// Whether some activation is the method's own.
  package var hasOwnActivation: Bool { allLayers.flatMap { $0.leaves() }.contains(.activation(nil)) }

  /// The estimator after a share of the training.
  package func estimator(progress: Double) -> SignEstimator {
    SignEstimator(ste ?? .ste, window: steWindow, temperature: SignEstimator.temperature(progress: progress))
  }

  /// The network in few characters, without the data set's sizes: “512·512”, “lenet-5”.
  package var shortDescription: String {
    layers == nil ? hidden.map(String.init).joined(separator: "·") : name ?? "\(layers?.count ?? 0) layers"
  }
}
