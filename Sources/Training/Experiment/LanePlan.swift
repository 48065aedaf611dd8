package import Datasets
package import EngineProtocol
package import NeuralNetworks
package import Tensors

/// The plan of a lane: its network, method, optimizer and schedule.
package struct LanePlan: Hashable, Codable, Sendable {
  /// How latent weights or sign activations are binarized in training. Validation and test always use the sign.
  package enum Binarization: String, Codable, Sendable, CaseIterable {
    /// The sign.
    case deterministic
    /// Stochastic: +1 with probability clamp((w/clipValue + 1)/2, 0, 1), or clamp((x + 1)/2, 0, 1) for activations.
    case stochastic
  }

  /// The lane's name, unique in its experiment.
  package var name: String
  /// The name that seeds the lane's random numbers: its own, or its parent's in a forked lane.
  package var drawName: String
  /// How sign activations are computed in training; nil for the sign.
  package var activations: Binarization?
  /// Number of epochs for which latent weights are used unquantized; nil for 0.
  ///
  /// Activations are the method's own from the start: “binary activations first”.
  /// - SeeAlso: Bulat and Tzimiropoulos 2019, arXiv:1909.13863; Liu et al. 2020, arXiv:2003.03488, section 5.
  package var binaryWeightsFrom: Int?
  /// The network.
  package var network: NetworkPlan
  /// The loss.
  package var loss: Loss
  /// The fraction of a cross-entropy's target that is spread evenly over all classes; nil for 0. Validation and test do
  /// not smooth labels, so that losses of lanes are comparable.
  package var labelSmoothing: Float?
  /// Distillation from another lane; nil for none.
  package var distillation: Distillation?
  /// The optimizer's settings.
  package var optimizer: Optimizer
  /// The schedule of the learning rate.
  package var schedule: Schedule
  /// Images per update.
  package var batchSize: Int
  /// Number of epochs to train.
  package var epochs: Int
  /// The precision of matrix products.
  package var precision: Precision

  // The method is part of the network.
  enum CodingKeys: String, CodingKey {
    case name, drawName, activations, binaryWeightsFrom, network, loss, labelSmoothing, distillation, optimizer
    case schedule, batchSize, epochs, precision
  }

  /// The plan of a lane before its keys are read.
  init(name: String) {
    self.name = name
    drawName = name
    network = NetworkPlan()
    loss = .crossEntropy
    optimizer = Optimizer(kind: .adam)
    schedule = Schedule(kind: .constant, rate: optimizer.kind.defaultRate, stepEpochs: 10)
    (batchSize, epochs, precision) = (128, 20, .preferred)
  }

  /// The binarization method.
  package var method: Method { network.method }

  /// How latent weights are binarized in training.
  package var binarization: Binarization {
    has(.binarization) && network.options.has(.binarization, Binarization.stochastic.rawValue)
      ? .stochastic : .deterministic
  }

  /// Whether a key of the method has an effect in the lane.
  package func has(_ key: MethodKey) -> Bool {
    method.has(key) && key.obstacle(network, optimizer) == nil
  }

  /// Whether the lane has binary weights, or weights of few bits.
  package var isBinary: Bool { network.hasBinaryWeights }

  /// Whether the network's weights are made from latent weights.
  package var hasLatentWeights: Bool { isBinary && optimizer.kind.hasLatentWeights }

  /// Whether quantized weights are made from latent weights directly rather than from a function of them. Then latent
  /// weights are clipped, and may be used unquantized for some epochs.
  package var readsLatentWeightsAsTheyAre: Bool { hasLatentWeights && network.readsLatentWeightsAsTheyAre }

  /// Returns whether latent weights are used unquantized after `epoch` epochs.
  package func usesFloatWeights(atEpoch epoch: Double) -> Bool {
    readsLatentWeightsAsTheyAre && epoch < Double(binaryWeightsFrom ?? 0)
  }

  /// Whether sign activations are stochastic in training.
  package var drawsActivations: Bool { network.hasDrawableSigns && activations == .stochastic }
}

extension LanePlan {
  /// Returns a note if a batch is larger than the training set, otherwise nil.
  func batchNote(images: Int) -> String? {
    guard batchSize > images else { return nil }
    return """
      lane \(name): a batch of \(batchSize) images is larger than the training set: each step uses all \
      \(images), one step per epoch
      """
  }

  /// The method for display: “BinaryConnect, stochastic”.
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
  /// Returns the hyperparameters that the lane has, with their values after `epoch` epochs.
  package func settings(atEpoch epoch: Double = 0) -> [HyperparameterSetting] {
    LaneKey.knobs(of: self).compactMap { key in
      key.value(self, epoch).map { HyperparameterSetting(Hyperparameter(named: key.name), $0) }
    }
  }

  /// Returns the value of a hyperparameter after `epoch` epochs; nil if the lane does not have it.
  package func value(of hyperparameter: Hyperparameter, atEpoch epoch: Double = 0) -> HyperparameterValue? {
    guard let key = LaneKey.named(hyperparameter.rawValue), key.isKnob, key.obstacle(self) == nil else { return nil }
    return key.value(self, epoch)
  }

  /// Sets a hyperparameter after `epoch` epochs.
  /// - Throws: `RefusedSetting` if the lane does not have it, or the value is invalid.
  package mutating func set(
    _ hyperparameter: Hyperparameter, to value: HyperparameterValue, atEpoch epoch: Double = 0
  ) throws {
    let setting: CheckedSetting
    do { setting = try CheckedSetting(hyperparameter, value) } catch { throw RefusedSetting(reason: "\(error)") }
    try set(setting, atEpoch: epoch)
  }

  /// Sets a hyperparameter to a checked value after `epoch` epochs.
  /// - Throws: `RefusedSetting` if the lane does not have it, or the value cannot be set now.
  mutating func set(_ setting: CheckedSetting, atEpoch epoch: Double) throws {
    let title = setting.hyperparameter.specification.title
    guard let key = LaneKey.named(setting.hyperparameter.rawValue), value(of: setting.hyperparameter) != nil else {
      throw RefusedSetting(
        reason: "lane \(name) (\(methodDescription), \(optimizer.kind.rawValue)) has no \(title)")
    }
    var changed = self
    try key.set(&changed, setting.value, epoch)
    if let fault = method.fault(changed.network.options, changed.optimizer) {
      throw RefusedSetting(
        reason: "\(title): \(fault.key) takes \(fault.expected), so \(setting.value) is not possible")
    }
    self = changed
  }
}

/// A hyperparameter and a value that it accepts. The initializer is the only check: an order to a lane is not checked again.
struct CheckedSetting: Sendable {
  /// The hyperparameter.
  let hyperparameter: Hyperparameter
  /// Its value.
  let value: HyperparameterValue

  /// Checks a value.
  /// - Throws: `InvalidHyperparameterValue`.
  init(_ hyperparameter: Hyperparameter, _ value: HyperparameterValue) throws {
    try hyperparameter.validate(value)
    (self.hyperparameter, self.value) = (hyperparameter, value)
  }
}

/// Why a hyperparameter was not set.
package struct RefusedSetting: Error, Sendable, CustomStringConvertible {
  /// The reason, in a sentence.
  package let reason: String
  package var description: String { reason }
}

extension LanePlan {
  /// Fits the network to the images and classes of `dataset`.
  /// - Throws: `ExperimentError` with the lane and the layer if it does not fit.
  package func layout(for dataset: Dataset) throws -> NetworkLayout {
    do {
      return try NetworkLayout(
        network, input: dataset.training.shape, classes: dataset.classes.count)
    } catch let error as NetworkError {
      throw ExperimentError(code: .unfit, message: "lane \(name): \(error)")
    }
  }

  /// Fits the network of a lane that is already training.
  func fittedLayout(for dataset: Dataset) -> NetworkLayout {
    guard let layout = try? layout(for: dataset) else {
      preconditionFailure("a network is fitted to its data set before its lane starts")
    }
    return layout
  }

  /// Describes what does not change while the lane trains with `threads` threads.
  package func description(_ layout: NetworkLayout, threads: Int) -> RunDescription.Lane {
    RunDescription.Lane(
      name: name, method: methodDescription, isBinary: isBinary, network: layout.description,
      precision: precision.rawValue, parameterCount: layout.parameterCount, floatBytes: 4 * layout.parameterCount,
      packedBytes: layout.packedBytes, binaryLayers: layout.items.filter(\.countsFlips).map(\.name), threads: threads)
  }
}
