package import Tensors

/// The plan of a multilayer perceptron: linear layers with activations between them.
package struct MultilayerPerceptron: Hashable, Codable, Sendable {
  /// What stands between two linear layers.
  package enum Activation: String, Codable, Sendable, CaseIterable {
    /// max(0, x).
    case relu
    /// ±1.
    case sign
  }

  /// Where latent and float weights start.
  package enum Initialization: String, Codable, Sendable, CaseIterable {
    /// U(-√(6/(inputs + outputs)), +√(6/(inputs + outputs))).
    case glorot
    /// U(-√(6/inputs), +√(6/inputs)).
    case he
    /// U(-1, 1).
    case unit
  }

  /// Features of an image.
  package var inputs: Int
  /// Units of each hidden layer.
  package var hidden: [Int]
  /// How many classes there are.
  package var classes: Int
  /// The activation of the hidden layers.
  package var activation: Activation
  /// Whether every linear layer has binary weights.
  package var hasBinaryWeights: Bool
  /// Batch normalization after each linear layer but the last; nil for none.
  package var batchNormalization: BatchNormalizationNumbers?
  /// Whether the last linear layer is normalized too.
  package var normalizesOutput: Bool
  /// The share of inputs that dropout sets to zero.
  package var inputDropout: Float
  /// The share of hidden units that dropout sets to zero.
  package var dropout: Float
  /// The straight-through estimator's window.
  package var steWindow: Float
  /// Whether updates of latent weights are multiplied by Glorot's scale.
  package var scalesUpdates: Bool
  /// Where weights start.
  package var initialization: Initialization

  /// A plan.
  package init(
    inputs: Int, hidden: [Int], classes: Int, activation: Activation = .relu, hasBinaryWeights: Bool = false,
    batchNormalization: BatchNormalizationNumbers? = nil, normalizesOutput: Bool = false, inputDropout: Float = 0,
    dropout: Float = 0, steWindow: Float = 1, scalesUpdates: Bool = false, initialization: Initialization = .glorot
  ) {
    self.inputs = inputs
    self.hidden = hidden
    self.classes = classes
    self.activation = activation
    self.hasBinaryWeights = hasBinaryWeights
    self.batchNormalization = batchNormalization
    self.normalizesOutput = normalizesOutput
    self.inputDropout = inputDropout
    self.dropout = dropout
    self.steWindow = steWindow
    self.scalesUpdates = scalesUpdates
    self.initialization = initialization
  }

  /// The layer sizes in short: “784·2048·2048·10”.
  package var description: String {
    ([inputs] + hidden + [classes]).map(String.init).joined(separator: "·")
  }

  /// How many weights the matrices have; a floating-point number, as plans may be too large for an integer.
  package var weightCount: Double {
    var sum = 0.0
    var width = inputs
    for units in hidden + [classes] {
      sum += Double(width) * Double(units)
      width = units
    }
    return sum
  }

  /// How many numbers the network learns beside the weight matrices: biases, scales and shifts.
  package var otherParameterCount: Int {
    (hidden + [classes]).enumerated().reduce(0) { sum, layer in
      sum + (isNormalized(layer: layer.offset) ? 2 : 1) * layer.element
    }
  }

  private func isNormalized(layer index: Int) -> Bool {
    batchNormalization != nil && (index < hidden.count || normalizesOutput)
  }

  /// Random streams: a network draws its first weights, its dropout and its binary weights from streams of its own.
  package enum Streams {
    static let initialization: UInt32 = 0x100
    static let dropout: UInt32 = 0x200
    /// The stream of the first layer's stochastic binary weights.
    package static let binaryWeights: UInt32 = 0x300
  }

  /// Builds the network, its weights drawn from `seed`.
  package func makeNetwork(precision: Precision, seed: UInt64, _ compute: Compute) -> Network {
    var layers: [any Layer] = []
    var width = inputs
    layers.append(Dropout(name: "inputDropout", features: inputs, rate: inputDropout, stream: Streams.dropout))
    for (index, units) in (hidden + [classes]).enumerated() {
      let isOutput = index == hidden.count
      let name = isOutput ? "output" : "hidden\(index + 1)"
      let makesSigns = !isOutput && activation == .sign
      let linear = Linear(
        name: name, inputs: width, outputs: units, isBinary: hasBinaryWeights, hasBias: !isNormalized(layer: index),
        scalesUpdates: scalesUpdates, precision: precision, keepsOutput: !makesSigns)
      let bound = initialBound(inputs: width, outputs: units)
      compute.fillUniform(
        linear.weights.value, from: -bound, to: bound,
        random: RandomStream(seed: seed, stream: Streams.initialization + UInt32(index), step: 0))
      layers.append(linear)
      if let numbers = batchNormalization, isNormalized(layer: index) {
        layers.append(
          BatchNormalization(
            name: "\(name).normalization", features: units, numbers: numbers,
            activation: isOutput ? .identity : activation == .relu ? .relu : .sign, window: steWindow,
            source: makesSigns ? linear : nil))
      } else if !isOutput {
        switch activation {
        case .relu: layers.append(ReLU(name: "\(name).relu"))
        case .sign: layers.append(SignActivation(name: "\(name).sign", features: units, window: steWindow))
        }
      }
      guard !isOutput else { break }
      layers.append(
        Dropout(name: "\(name).dropout", features: units, rate: dropout, stream: Streams.dropout + UInt32(index + 1)))
      width = units
    }
    let network = Network(layers: layers)
    network.prepareOperands(.signs, compute)
    return network
  }

  private func initialBound(inputs: Int, outputs: Int) -> Float {
    switch initialization {
    case .glorot: (6 / Float(inputs + outputs)).squareRoot()
    case .he: (6 / Float(inputs)).squareRoot()
    case .unit: 1
    }
  }
}
