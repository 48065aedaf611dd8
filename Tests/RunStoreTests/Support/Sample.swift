import EngineProtocol
import Foundation
import RunStore
import TrainingMetrics

/// Small parts of a run.
enum Sample {
  static let loss = MetricKey(.trainLoss)
  static let flips = MetricKey(.flipRate, layer: "dense1")

  static func lane(_ name: String, fork: RunDescription.Fork? = nil) -> RunDescription.Lane {
    RunDescription.Lane(
      name: name, method: name == "bnn" ? "BinaryConnect" : "baseline", isBinary: name == "bnn",
      network: "64·32·10", precision: "float32", parameterCount: 2400, floatBytes: 9600, packedBytes: 9600,
      binaryLayers: name == "bnn" ? ["dense1"] : [], threads: 1, fork: fork)
  }

  static func run(lanes: [String] = ["float", "bnn"], seed: UInt64 = 1) -> RunDescription {
    RunDescription(
      startedAt: 1000, name: "digits", dataset: "digits", datasetOrigin: "built in", trainingCount: 100,
      validationCount: 20, testCount: 20, classes: ["0", "1"], seed: seed, lanes: lanes.map { lane($0) })
  }

  static func points(_ steps: ClosedRange<Int>, of key: MetricKey = loss, lane: String = "bnn", branch: Int = 1)
    -> EngineEvent
  {
    .points(lane: lane, branch: branch, key, steps.map { MetricPoint(step: $0, value: 1 / Float($0)) })
  }

  static func times(_ steps: ClosedRange<Int>, lane: String = "bnn", branch: Int = 1) -> [BranchKey: [StepTime]] {
    [BranchKey(lane: lane, branch: branch): steps.map { StepTime(step: $0, time: 1000 + Double($0) / 4) }]
  }

  static func epoch(_ epoch: Int, step: Int, lane: String = "bnn", branch: Int = 1, accuracy: Double = 0.5)
    -> EngineEvent
  {
    .epoch(
      EpochReport(
        lane: lane, branch: branch, epoch: epoch, step: step, trainLoss: .nan, validationLoss: 0.25,
        validationAccuracy: accuracy, latentValidationAccuracy: nil, learningRate: 0.01, flipRate: 0.001,
        imagesPerSecond: 100, time: 1000))
  }

  static func layers(step: Int, lane: String = "bnn", branch: Int = 1) -> EngineEvent {
    .layers(
      LayerReport(
        lane: lane, branch: branch, step: step,
        flips: [FlipStatistics(layer: "dense1", weights: 2048, flipRate: 0.001, totalFlips: 7 * step)],
        latentWeights: [Histogram(lowerBound: -1, upperBound: 1, counts: [1, 2, 3])]))
  }

  static func applied(_ change: JournalEntry.Change, step: Int, lane: String = "bnn", branch: Int = 1) -> EngineEvent {
    .applied(
      CommandID(3, client: 2),
      JournalEntry(lane: lane, branch: branch, step: step, change: change, seconds: 1.5, origin: "dashboard"))
  }

  static func setting(step: Int) -> EngineEvent {
    applied(.set(.learningRate, old: .number(0.01), new: .number(0.005)), step: step)
  }

  static func result(
    _ lane: String, stopped: Bool = false, failure: String? = nil, best: Double? = 0.9, test: Double? = 0.875
  ) -> EngineEvent {
    .laneEnded(
      LaneResult(
        lane: lane, failure: failure, wasStopped: stopped, testAccuracy: test, bestValidationAccuracy: best,
        bestEpoch: 2, weightsSHA256: "ab" + lane, parameters: 2400, seconds: 75, steps: 20))
  }

  static func snapshot(_ lane: String, state: LaneSnapshot.State = .training, step: Int = 20) -> LaneSnapshot {
    LaneSnapshot(
      name: lane, state: state, step: step, epoch: 2, epochs: 5, stepsPerEpoch: 10, seconds: 75,
      latest: [.trainLoss: .nan], best: .init(accuracy: 0.9, epoch: 2),
      hyperparameters: [
        HyperparameterSetting(.learningRate, .number(lane == "bnn" ? 0.005 : 0.01)),
        HyperparameterSetting(.batchSize, .number(10)),
      ],
      flips: lane == "bnn" ? [FlipStatistics(layer: "dense1", weights: 2048, totalFlips: 140)] : [])
  }

  static func checkpoint(
    _ step: Int, lane: String = "bnn", branch: Int = 1, reason: Checkpoint.Reason = .periodic, accuracy: Double? = nil,
    bytes: Int = 0, time: Double = 0
  ) -> Checkpoint {
    Checkpoint(
      lane: lane, branch: branch, step: step, epoch: Double(step) / 10, reason: reason, validationAccuracy: accuracy,
      bytes: bytes, time: time)
  }

  static func archive(in folder: TemporaryFolder, name: String = "digits", time: Double = 1000) throws -> RunArchive {
    try RunArchive.create(
      in: folder.path + "/runs", name: name, time: time, files: ["experiment.yaml": "name: digits\n"],
      environment: ["cores": "2"])
  }

  /// Saves a checkpoint of `bytes` bytes.
  @discardableResult
  static func save(_ checkpoint: Checkpoint, to archive: RunArchive, bytes: Int = 10) throws -> Checkpoint {
    try archive.save(checkpoint) { path in
      try Data(count: bytes).write(to: URL(filePath: path))
      return (bytes, "sha-\(checkpoint.step)")
    }
  }
}

/// The code of the error that `body` throws; nil if it throws none.
func code(of body: () throws -> Void) -> StoreError.Code? {
  failure(of: body)?.code
}

/// The error that `body` throws; nil if it throws none.
func failure(of body: () throws -> Void) -> StoreError? {
  do {
    try body()
    return nil
  } catch {
    return error as? StoreError
  }
}
