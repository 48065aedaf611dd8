package import Tensors

/// The plan of a network: its layers and its method. It is independent of the images' size and the number of classes;
/// `NetworkLayout` fits it to them.
package struct NetworkPlan: Hashable, Codable, Sendable {
  /// The initial distribution of weights. `inputs` and `outputs` of a convolution include the positions of its kernel.
  package enum Initialization: String, Codable, Sendable, CaseIterable {
    /// U(-√(6/(inputs + outputs)), +√(6/(inputs + outputs))).
    case glorot
    /// U(-√(6/inputs), +√(6/inputs)).
    case he
    /// U(-1, 1).
    case unit
  }

  /// Number of units of each hidden layer of a multilayer perceptron.
  package var hidden: [Int]
  /// The layers; nil for the multilayer perceptron of `hidden`.
  package var layers: [LayerPlan]?
  /// The name of the list of layers, if it has one.
  package var name: String?
  /// The method.
  package var method: Method
  /// The values of the method's keys.
  package var options: MethodOptions
  /// Whether the first layer with weights has float weights.
  package var keepsFirstFloat: Bool?
  /// Whether the last layer with weights has float weights.
  package var keepsLastFloat: Bool?
  /// Whether the first layer with weights has 8-bit weights. Its input, pixels, has 8 bits as well.
  package var firstHasEightBits: Bool?
  /// Whether the last layer with weights has 8-bit weights.
  package var lastHasEightBits: Bool?
  /// The settings of batch normalization; nil for none.
  package var batchNormalization: BatchNormalizationNumbers?
  /// Whether the last linear layer of a multilayer perceptron is normalized too.
  package var normalizesOutput: Bool
  /// The dropout rate of the network's input.
  package var inputDropout: Float
  /// The dropout rate of hidden units.
  package var dropout: Float
  /// The shape of the straight-through estimator; nil for a rectangular window.
  package var ste: SignEstimator.Kind?
  /// The window of the straight-through estimator.
  package var steWindow: Float
  /// Whether updates of latent weights are multiplied by Glorot's scale.
  package var scalesUpdates: Bool
  /// The initial distribution of weights.
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

  /// How the network is binarized.
  package var form: Method.Form { method.form(options) }

  /// The activation of the method.
  package var activation: LayerPlan.Activation { form.activation }

  /// Whether layers have latent weights by default.
  package var hasBinaryWeights: Bool { method.isBinary }

  /// The quantizer of latent weights; nil for plain signs and for float weights.
  var quantizer: (any WeightQuantizer)? {
    if case .quantized(let quantizer) = form.weights { quantizer } else { nil }
  }

  /// Whether quantized weights are made from latent weights directly rather than from a function of them. Then latent
  /// weights are clipped, and may be used unquantized for some epochs.
  package var readsLatentWeightsAsTheyAre: Bool {
    switch form.weights {
    case .float: false
    case .signs: true
    case .quantized(let quantizer): quantizer.facts.readsLatentWeightsAsTheyAre
    }
  }

  /// All layers, including those of a multilayer perceptron.
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

  /// Whether some sign activations may be stochastic in training: all but those with a learned threshold.
  package var hasDrawableSigns: Bool {
    allLayers.flatMap { $0.leaves() }.contains { layer in
      layer.layer.activation(in: self) == .sign
    }
  }

  /// Whether some activation is the method's own.
  package var hasOwnActivation: Bool { allLayers.flatMap { $0.leaves() }.contains(.activation(nil)) }

  /// Returns the gradient estimator of signs after a fraction of the training.
  package func estimator(progress: Double) -> SignEstimator {
    SignEstimator(ste ?? .ste, window: steWindow, temperature: SignEstimator.temperature(progress: progress))
  }

  /// The network in short form, without the sizes of the data set: “512·512”, “lenet-5”.
  package var shortDescription: String {
    layers == nil ? hidden.map(String.init).joined(separator: "·") : name ?? "\(layers?.count ?? 0) layers"
  }
}

extension NetworkPlan {
  private enum CodingKeys: String, CodingKey {
    case hidden, layers, name, method, options, keepsFirstFloat, keepsLastFloat, firstHasEightBits, lastHasEightBits
    case batchNormalization, normalizesOutput, inputDropout, dropout, ste, steWindow, scalesUpdates, initialization
  }

  /// Decodes a plan. Plans recorded before they contained the method are decoded as a baseline; `LanePlan` corrects
  /// that.
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
