package import Datasets
package import EngineProtocol
package import NeuralNetworks
package import Tensors

/// How a lane is to be trained: its network, method, optimizer and schedule.
package struct LanePlan: Hashable, Codable, Sendable {
  /// How latent weights, or sign activations, become bits in training; validation and test always take their signs.
  package enum Binarization: String, Codable, Sendable, CaseIterable {
    /// Their signs.
    case deterministic
    /// Drawn for each batch: +1 with probability clamp((w/clipValue + 1)/2, 0, 1); of activations clamp((x + 1)/2, 0, 1).
    case stochastic
  }

  /// The lane's name, unique in its experiment.
  package var name: String
  /// Names the lane's random draws: its own name, or its parent's in a lane that was forked off.
  package var drawName: String
  /// How sign activations are made in training; nil as their signs.
  package var activations: Binarization?
  /// How many epochs latent weights are used as they are, before their signs are; nil for none.
  ///
  /// Activations are the method's from the start: “binary activations first”.
  /// - SeeAlso: Bulat and Tzimiropoulos 2019, arXiv:1909.13863; Liu et al. 2020, arXiv:2003.03488, section 5.
  package var binaryWeightsFrom: Int?
  /// The network.
  package var network: NetworkPlan
  /// What training makes small.
  package var loss: Loss
  /// The share of a cross-entropy's target that all classes have alike; nil for 0. Validation and test have none: so losses of
  /// lanes can be compared.
  package var labelSmoothing: Float?
  /// From which lane this one learns too; nil for none.
  package var distillation: Distillation?
  /// The optimizer with its numbers.
  package var optimizer: Optimizer
  /// The course of the learning rate.
  package var schedule: Schedule
  /// Images an update is computed from.
  package var batchSize: Int
  /// How many epochs to train.
  package var epochs: Int
  /// The precision of matrix products.
  package var precision: Precision

  // Without the method, which is the network's.
  enum CodingKeys: String, CodingKey {
    case name, drawName, activations, binaryWeightsFrom, network, loss, labelSmoothing, distillation, optimizer
    case schedule, batchSize, epochs, precision
  }

  /// A lane before any of its keys is read.
  init(name: String) {
    self.name = name
    drawName = name
    network = NetworkPlan()
    loss = .crossEntropy
    optimizer = Optimizer(kind: .adam)
    schedule = Schedule(kind: .constant, rate: optimizer.kind.defaultRate, stepEpochs: 10)
    (batchSize, epochs, precision) = (128, 20, .preferred)
  }

  /// The method: how the network is made binary.
  package var method: Method { network.method }

  /// How latent weights become bits in training.
  package var binarization: Binarization {
    has(.binarization) && network.options.has(.binarization, Binarization.stochastic.rawValue)
      ? .stochastic : .deterministic
  }

  /// Whether a key of the method has an effect in the lane.
  package func has(_ key: MethodKey) -> Bool {
    method.has(key) && key.obstacle(network, optimizer) == nil
  }

  /// Whether the lane has binary weights, or such of few bits.
  package var isBinary: Bool { network.hasBinaryWeights }

  /// Whether latent weights decide what the network computes with.
  package var hasLatentWeights: Bool { isBinary && optimizer.kind.hasLatentWeights }

  /// Whether latent weights are clipped, and may be used as they are for a while: what the network computes with is made of
  /// themselves, not of a function of them.
  package var readsLatentWeightsAsTheyAre: Bool { hasLatentWeights && network.readsLatentWeightsAsTheyAre }

  /// Whether latent weights are used as they are after `epoch` epochs.
  package func usesFloatWeights(atEpoch epoch: Double) -> Bool {
    readsLatentWeightsAsTheyAre && epoch < Double(binaryWeightsFrom ?? 0)
  }

  /// Whether training draws sign activations.
  package var drawsActivations: Bool { network.hasDrawableSigns && activations == .stochastic }
}

extension LanePlan {
  /// What to tell where a batch is larger than the training set; nil where it is not.
  func batchNote(images: Int) -> String? {
    guard batchSize > images else { return nil }
    return """
      lane \(name): a batch of \(batchSize) images is more than the training set has: each step takes all \
      \(images), one step an epoch
      """
  }

  /// The method in words: “BinaryConnect, stochastic”.
  package var methodDescription: String {
    weightDescription + (drawsActivations ? ", stochastic activations" : "")
  }

  private var weightDescription: String {
    guard !optimizer.kind.hasLatentWeights, let words = method.wordsWithoutLatentWeights else {
      return network.form.words
    }
    return words + ", Bop"
  }
}

extension LanePlan {
  /// The hyperparameters that the lane has, with their values after `epoch` epochs.
  package func settings(atEpoch epoch: Double = 0) -> [HyperparameterSetting] {
    LaneKey.knobs(of: self).compactMap { key in
      key.value(self, epoch).map { HyperparameterSetting(Hyperparameter(named: key.name), $0) }
    }
  }

  /// The value of a hyperparameter after `epoch` epochs; nil where the lane does not have it.
  package func value(of hyperparameter: Hyperparameter, atEpoch epoch: Double = 0) -> HyperparameterValue? {
    guard let key = LaneKey.named(hyperparameter.rawValue), key.isKnob, key.obstacle(self) == nil else { return nil }
    return key.value(self, epoch)
  }

  /// Gives a hyperparameter a new value after `epoch` epochs.
  /// - Throws: `RefusedSetting` where the lane does not have it, or the value can't hold now.
  package mutating func set(
    _ hyperparameter: Hyperparameter, to value: HyperparameterValue, atEpoch epoch: Double = 0
  ) throws {
    let title = hyperparameter.specification.title
    guard let key = LaneKey.named(hyperparameter.rawValue), self.value(of: hyperparameter) != nil else {
      throw RefusedSetting(
        reason: "lane \(name) (\(methodDescription), \(optimizer.kind.rawValue)) has no \(title)")
    }
    do { try hyperparameter.validate(value) } catch { throw RefusedSetting(reason: "\(error)") }
    var changed = self
    try key.set(&changed, value, epoch)
    if let fault = method.fault(changed.network.options, changed.optimizer) {
      throw RefusedSetting(
        reason: "\(title): \(fault.key) takes \(fault.expected), and \(value) leaves no room for its value")
    }
    self = changed
  }
}

/// Why a hyperparameter was not set.
package struct RefusedSetting: Error, Sendable, CustomStringConvertible {
  /// The reason, in a sentence.
  package let reason: String
  package var description: String { reason }
}

extension LanePlan {
  /// The network fitted to the images and classes of `dataset`.
  /// - Throws: `ExperimentError` where it does not fit, naming lane and layer.
  package func layout(for dataset: Dataset) throws -> NetworkLayout {
    do {
      return try NetworkLayout(
        network, input: dataset.training.shape, classes: dataset.classes.count)
    } catch let error as NetworkError {
      throw ExperimentError(code: .unfit, message: "lane \(name): \(error)")
    }
  }

  /// The same of a lane that trains already.
  func fittedLayout(for dataset: Dataset) -> NetworkLayout {
    guard let layout = try? layout(for: dataset) else {
      preconditionFailure("a network is fitted to its data set before its lane starts")
    }
    return layout
  }

  /// What does not change while the lane trains a network with `threads` threads.
  package func description(_ layout: NetworkLayout, threads: Int) -> RunDescription.Lane {
    RunDescription.Lane(
      name: name, method: methodDescription, isBinary: isBinary, network: layout.description,
      precision: precision.rawValue, parameterCount: layout.parameterCount, floatBytes: 4 * layout.parameterCount,
      packedBytes: layout.packedBytes, binaryLayers: layout.items.filter(\.countsFlips).map(\.name), threads: threads)
  }
}
