package import TrainingMetrics

/// How a lane stands now.
package struct LaneSnapshot: Hashable, Codable, Sendable {
  /// What the lane is doing.
  package enum State: Hashable, Sendable {
    /// Updates go on.
    case training
    /// A pass over the validation split.
    case validating
    /// Held between two batches.
    case paused
    /// Held until another lane has come far enough; the words say which, and how far: “baseline's epoch 4”.
    case waiting(String)
    /// The pass over the test set at the end.
    case testing
    /// All epochs are done.
    case finished
    /// Ended early by a command.
    case stopped
    /// Ended by an error; the words say which and where: “loss is NaN at step 412”.
    case failed(String)

    /// Whether the lane does no updates until something comes from outside.
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
  /// Epochs done, with the part of the current one: 3.25.
  package var epoch: Double
  /// How many epochs the lane is to train.
  package var epochs: Int
  /// Updates an epoch, at the present batch size.
  package var stepsPerEpoch: Int
  /// Seconds of updates, validation left out.
  package var trainingSeconds: Double
  /// Seconds of all work: updates, validation and test; pauses left out.
  package var seconds: Double
  /// The newest value of each figure of the whole network.
  package var latest: [Metric: Float]
  /// The best validation accuracy so far, 0...1, with its epoch; nil before the first validation.
  package var best: Best?
  /// The accuracy on the test set with the weights of the best validation; nil before the end.
  package var testAccuracy: Double?
  /// The present value of each hyperparameter that the lane has.
  package var hyperparameters: [HyperparameterSetting]
  /// Sign flips of each binary layer.
  package var flips: [FlipStatistics]
  /// Latent weights of each binary layer, in the order of `flips`, over `[-clipValue, clipValue]`.
  package var latentWeights: [Histogram]

  /// A best validation.
  package struct Best: Hashable, Codable, Sendable {
    /// Validation accuracy, 0...1.
    package var accuracy: Double
    /// Epochs done then.
    package var epoch: Int

    /// A validation accuracy after `epoch` epochs.
    package init(accuracy: Double, epoch: Int) {
      self.accuracy = accuracy
      self.epoch = epoch
    }
  }

  /// How a lane stands.
  package init(
    name: String, branch: Int = 1, state: State = .training, step: Int = 0, epoch: Double = 0, epochs: Int,
    stepsPerEpoch: Int,
    trainingSeconds: Double = 0, seconds: Double = 0, latest: [Metric: Float] = [:], best: Best? = nil,
    testAccuracy: Double? = nil,
    hyperparameters: [HyperparameterSetting], flips: [FlipStatistics] = [], latentWeights: [Histogram] = []
  ) {
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

/// One word; where there is more to say, it follows a colon: “failed: loss is NaN at step 412”.
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
