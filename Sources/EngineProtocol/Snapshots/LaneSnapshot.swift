package import TrainingMetrics

/// The current state of a lane.
package struct LaneSnapshot: Hashable, Codable, Sendable {
  /// What the lane is doing.
  package enum State: Hashable, Sendable {
    /// Updates go on.
    case training
    /// The validation split is evaluated.
    case validating
    /// Paused between two batches.
    case paused
    /// Waiting for another lane; the text says which one, and for what: “baseline's epoch 4”.
    case waiting(String)
    /// The test set is evaluated at the end.
    case testing
    /// All epochs are done.
    case finished
    /// Stopped early by a command.
    case stopped
    /// Ended by an error; the text says which and where: “loss is NaN at step 412”.
    case failed(String)

    /// Whether the lane is paused or waiting.
    package var isHeld: Bool {
      switch self {
      case .paused, .waiting: true
      case .training, .validating, .testing, .finished, .stopped, .failed: false
      }
    }

    /// Whether the lane will do no more updates.
    package var hasEnded: Bool {
      switch self {
      case .finished, .stopped, .failed: true
      case .training, .validating, .paused, .waiting, .testing: false
      }
    }
  }

  /// The lane's name.
  package var name: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// What the lane is doing.
  package var state: State
  /// Updates done.
  package var step: Int
  /// Epochs done, including the fraction of the current one: 3.25.
  package var epoch: Double
  /// Number of epochs to train.
  package var epochs: Int
  /// Updates per epoch at the current batch size.
  package var stepsPerEpoch: Int
  /// Seconds spent on updates, without validation.
  package var trainingSeconds: Double
  /// Seconds spent on updates, validation and test, without pauses.
  package var seconds: Double
  /// The newest value of each metric of the whole network.
  package var latest: [Metric: Float]
  /// The best validation accuracy so far, 0...1, with its epoch; nil before the first validation.
  package var best: Best?
  /// The accuracy on the test set with the weights of the best validation; nil before the end.
  package var testAccuracy: Double?
  /// The current value of each hyperparameter that the lane has.
  package var hyperparameters: [HyperparameterSetting]
  /// Sign flips of each binary layer.
  package var flips: [FlipStatistics]
  /// Histograms of the latent weights of each binary layer, in the order of `flips`, over `[-clipValue, clipValue]`.
  package var latentWeights: [Histogram]
  /// The seconds of each phase since the lane's thread started; nil in runs of older versions.
  package var phases: PhaseSeconds?

  /// A best validation.
  package struct Best: Hashable, Codable, Sendable {
    /// Validation accuracy, 0...1.
    package var accuracy: Double
    /// Epochs done at that validation.
    package var epoch: Int

    /// A validation accuracy after `epoch` epochs.
    package init(accuracy: Double, epoch: Int) {
      self.accuracy = accuracy
      self.epoch = epoch
    }
  }

  /// The state of a lane.
  package init(
    name: String, branch: Int = 1, state: State = .training, step: Int = 0, epoch: Double = 0, epochs: Int,
    stepsPerEpoch: Int,
    trainingSeconds: Double = 0, seconds: Double = 0, latest: [Metric: Float] = [:], best: Best? = nil,
    testAccuracy: Double? = nil,
    hyperparameters: [HyperparameterSetting], flips: [FlipStatistics] = [], latentWeights: [Histogram] = [],
    phases: PhaseSeconds? = nil
  ) {
    self.phases = phases
    self.name = name
    self.branch = branch
    self.state = state
    self.step = step
    self.epoch = epoch
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.trainingSeconds = trainingSeconds
    self.seconds = seconds
    self.latest = latest
    self.best = best
    self.testAccuracy = testAccuracy
    self.hyperparameters = hyperparameters
    self.flips = flips
    self.latentWeights = latentWeights
  }
}

/// Encoded as one word, followed by a colon and details where there are some: “failed: loss is NaN at step 412”.
extension LaneSnapshot.State: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let plain: [Self] = [.training, .validating, .paused, .testing, .finished, .stopped]
    if let state = plain.first(where: { $0.text == text }) {
      self = state
    } else if text.hasPrefix("waiting: ") {
      self = .waiting(String(text.dropFirst("waiting: ".count)))
    } else if text.hasPrefix("failed: ") {
      self = .failed(String(text.dropFirst("failed: ".count)))
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown state “\(text)”")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  private var text: String {
    switch self {
    case .training: "training"
    case .validating: "validating"
    case .paused: "paused"
    case .testing: "testing"
    case .finished: "finished"
    case .stopped: "stopped"
    case .waiting(let words): "waiting: \(words)"
    case .failed(let words): "failed: \(words)"
    }
  }
}
