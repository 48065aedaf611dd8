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
  /// The method.
  package var method: Method
  /// The values of the method's keys.
  package var options: MethodOptions
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
  /// Where weights start.
  package var initialization: Initialization

  /// A plan.
  package init(
    hidden: [Int] = [], layers: [LayerPlan]? = nil, name: String? = nil, method: Method = .baseline,
    options: MethodOptions = [:], keepsFirstFloat: Bool = false, keepsLastFloat: Bool = false,
    firstHasEightBits: Bool = false, lastHasEightBits: Bool = false,
    batchNormalization: BatchNormalizationNumbers? = nil, normalizesOutput: Bool = false, inputDropout: Float = 0,
    dropout: Float = 0, ste: SignEstimator.Kind = .ste, steWindow: Float = 1, scalesUpdates: Bool = false,
    initialization: Initialization = .glorot
  ) {
    self.hidden = hidden
    self.layers = layers
    self.name = name
    self.method = method
    self.options = options
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
    self.initialization = initialization
  }

  /// What the method makes of the network.
  package var form: Method.Form { method.form(options) }

  /// The activation of the method.
  package var activation: LayerPlan.Activation { form.activation }

  /// Whether layers have latent weights by default.
  package var hasBinaryWeights: Bool { method.isBinary }

  /// Makes of latent weights what products read; nil where these are signs, or weights are float.
  var quantizer: (any WeightQuantizer)? {
    if case .quantized(let quantizer) = form.weights { quantizer } else { nil }
  }

  /// Whether what products read is made of latent weights themselves, so that these are clipped, and may be used as they are
  /// for a while; not of a function of them.
  package var readsLatentWeightsAsTheyAre: Bool {
    switch form.weights {
    case .float: false
    case .signs: true
    case .quantized(let quantizer): quantizer.facts.readsLatentWeightsAsTheyAre
    }
  }

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

extension NetworkPlan {
  private enum CodingKeys: String, CodingKey {
    case hidden, layers, name, method, options, keepsFirstFloat, keepsLastFloat, firstHasEightBits, lastHasEightBits
    case batchNormalization, normalizesOutput, inputDropout, dropout, ste, steWindow, scalesUpdates, initialization
  }

  /// Reads a plan. One that was recorded before plans had their method in them is of a baseline: `LanePlan` knows better.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    hidden = try container.decode([Int].self, forKey: .hidden)
    layers = try container.decodeIfPresent([LayerPlan].self, forKey: .layers)
    name = try container.decodeIfPresent(String.self, forKey: .name)
    method = try container.decodeIfPresent(Method.self, forKey: .method) ?? .baseline
    options = try container.decodeIfPresent(MethodOptions.self, forKey: .options) ?? [:]
    keepsFirstFloat = try container.decodeIfPresent(Bool.self, forKey: .keepsFirstFloat)
    keepsLastFloat = try container.decodeIfPresent(Bool.self, forKey: .keepsLastFloat)
    firstHasEightBits = try container.decodeIfPresent(Bool.self, forKey: .firstHasEightBits)
    lastHasEightBits = try container.decodeIfPresent(Bool.self, forKey: .lastHasEightBits)
    batchNormalization = try container.decodeIfPresent(BatchNormalizationNumbers.self, forKey: .batchNormalization)
    normalizesOutput = try container.decode(Bool.self, forKey: .normalizesOutput)
    inputDropout = try container.decode(Float.self, forKey: .inputDropout)
    dropout = try container.decode(Float.self, forKey: .dropout)
    ste = try container.decodeIfPresent(SignEstimator.Kind.self, forKey: .ste)
    steWindow = try container.decode(Float.self, forKey: .steWindow)
    scalesUpdates = try container.decode(Bool.self, forKey: .scalesUpdates)
    initialization = try container.decode(Initialization.self, forKey: .initialization)
  }
}
