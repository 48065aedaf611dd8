import EngineProtocol
import Foundation
import RunStore
import TrainingMetrics

/// A small run with two lanes, a change, a rewind and results, as batches for a writer and as a history.
enum TensorBoardSample {
  static let lanes = ["baseline", "binary"].map { name in
    RunDescription.Lane(
      name: name, method: "method of \(name)", isBinary: name == "binary", network: "784·16·10", precision: "float32",
      parameterCount: 12_730, floatBytes: 50_920, packedBytes: 1_952,
      binaryLayers: name == "binary" ? ["hidden1"] : [], threads: 1)
  }
  static let description = RunDescription(
    id: "2026-11-23T20-54-37-sample", startedAt: 1000, name: "sample", dataset: "digits", datasetOrigin: "built in",
    trainingCount: 100, validationCount: 20, testCount: 20, classes: ["0", "1"], seed: .max, lanes: lanes)

  static func snapshot(_ lane: String, branch: Int = 1, step: Int, rate: Double) -> LaneSnapshot {
    LaneSnapshot(
      name: lane, branch: branch, step: step, epochs: 2, stepsPerEpoch: 4,
      hyperparameters: [
        HyperparameterSetting(.learningRate, .number(rate)), HyperparameterSetting(.binarization, .word("stochastic")),
      ])
  }

  static let points = [
    MetricPoint(step: 1, value: 2.3), MetricPoint(step: 2, value: .nan), MetricPoint(step: 3, value: 1e-20),
  ]
  static let times = [StepTime(step: 1, time: 1001.25), StepTime(step: 2, time: 1002.5), StepTime(step: 3, time: 1003)]
  static let branchPoints = [MetricPoint(step: 3, value: 0.5), MetricPoint(step: 400_000_000_000, value: -.infinity)]
  static let rate = JournalEntry(
    lane: "binary", step: 2, change: .set(.learningRate, old: .number(0.1), new: .number(0.03)), seconds: 2,
    origin: "steering script")
  static let layers = LayerReport(
    lane: "binary", branch: 1, step: 3,
    flips: [FlipStatistics(layer: "hidden1", weights: 12, totalFlips: 9, weightsByFlips: [7, 2, 1, 2])],
    latentWeights: [Histogram(lowerBound: -1, upperBound: 1, counts: [3, 1, 0, 8])])
  static func result(_ lane: String, failure: String? = nil) -> LaneResult {
    LaneResult(
      lane: lane, failure: failure, wasStopped: false, testAccuracy: failure == nil ? 0.75 : nil,
      bestValidationAccuracy: 0.8, bestEpoch: 1, weightsSHA256: nil, parameters: 12_730, seconds: 3, steps: 3)
  }

  static let first = RunBatch(
    events: [.started(description)],
    snapshots: [snapshot("baseline", step: 0, rate: 0.1), snapshot("binary", step: 0, rate: 0.1)])
  static let second = RunBatch(
    events: [
      .points(lane: "binary", branch: 1, MetricKey(.trainLoss), points),
      .points(lane: "binary", branch: 1, MetricKey(.flipRate, layer: "hidden1"), [MetricPoint(step: 2, value: 0.25)]),
      .applied(CommandID(1), rate), .layers(layers), .laneEnded(result("baseline")),
      .branched(LaneBranch(lane: "binary", number: 2, parent: 1, step: 2)),
      .points(lane: "binary", branch: 2, MetricKey(.trainLoss), branchPoints),
      .laneEnded(result("binary", failure: "loss is NaN")),
    ],
    times: [BranchKey(lane: "binary", branch: 1): times],
    snapshots: [snapshot("baseline", step: 3, rate: 0.01), snapshot("binary", branch: 2, step: 3, rate: 0.1)])

  static var history: RunHistory {
    var series: [SeriesKey: [MetricPoint]] = [:]
    var events = [RecordedEvent(time: 1000, .started(description))]
    for event in second.events {
      if case .points(let lane, let branch, let key, let points) = event {
        series[SeriesKey(lane: lane, branch: branch, key)] = points
      } else {
        events.append(RecordedEvent(time: 2000, event))
      }
    }
    return RunHistory(
      description: description, events: events, series: series, times: second.times, snapshots: second.snapshots)
  }
}
