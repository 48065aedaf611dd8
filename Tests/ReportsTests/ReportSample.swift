import EngineProtocol
import Foundation
import RunStore
import TrainingMetrics

/// A run of two lanes with a change, a rewind and all other contents of a report.
enum ReportSample {
  static let lanes = [
    RunDescription.Lane(
      name: "baseline", method: "float32 <&> \"plain\"", isBinary: false, network: "784·256·256·10",
      precision: "float32", parameterCount: 269_322, floatBytes: 1_077_288, packedBytes: 1_077_288, binaryLayers: [],
      threads: 1),
    RunDescription.Lane(
      name: "binaryconnect", method: "BinaryConnect, deterministic", isBinary: true, network: "784·256·256·10",
      precision: "bfloat16", parameterCount: 269_323, floatBytes: 1_077_292, packedBytes: 42_123,
      binaryLayers: ["hidden1", "hidden2"], threads: 1),
  ]

  static func history(steps: Int = 4000) -> RunHistory {
    let description = RunDescription(
      id: "2026-11-23T20-54-37-sample", startedAt: 1_795_467_277, name: "sample", dataset: "fashion-mnist",
      datasetOrigin: "/usr/share/datasets", trainingCount: 55_000, validationCount: 5_000, testCount: 10_000,
      classes: [], seed: 42, lanes: lanes)
    var series: [SeriesKey: [MetricPoint]] = [:]
    for place in 0...1 {
      // The second lane was rewound from three quarters to one half of the steps, and continued differently.
      addSeries(place, branch: 1, 1...(place == 0 ? steps : steps * 3 / 4), steps, &series)
    }
    addSeries(1, branch: 2, (steps / 2 + 1)...steps, steps, &series)
    return RunHistory(
      description: description,
      environment: ["program": "signflip 0.3", "processor": "<AMD & co>", "cores": "2", "system": "Debian 12"],
      events: ([.started(description)] + events(steps)).map { RecordedEvent(time: 1_795_467_400, $0) }, series: series)
  }

  private static func addSeries(
    _ place: Int, branch: Int, _ range: ClosedRange<Int>, _ steps: Int, _ series: inout [SeriesKey: [MetricPoint]]
  ) {
    let other = Double(place) * (branch == 2 ? 0.8 : 1)
    func set(_ metric: Metric, every: Int = 1, _ value: (Double, Double) -> Double) {
      series[SeriesKey(lane: lanes[place].name, branch: branch, MetricKey(metric))] =
        stride(from: range.lowerBound + every - 1, through: range.upperBound, by: every).map { step in
          let noise = Double((step &* 7919 &+ place &* 31 &+ branch &* 101) % 997) / 997 - 0.5
          return MetricPoint(step: step, value: Float(value(Double(step) / Double(steps), noise)))
        }
    }
    let epoch = max(1, steps / 20)
    set(.trainLoss) { (2.3 * exp(-5 * $0) + 0.03 * (1 + other)) * (1 + 0.6 * $1) }
    set(.validationLoss, every: epoch) { 2 * exp(-4 * $0) + 0.25 + 0.1 * other + 0.03 * $1 }
    set(.validationAccuracy, every: epoch) { 0.9 - 0.03 * other - 0.5 * exp(-5 * $0) + 0.01 * $1 }
    set(.learningRate) { time, _ in 0.003 * pow(0.01, time) * (1 - other / 5) }
    set(.gradientNorm) { (0.4 + exp(-3 * $0) + other / 5) * (1 + $1) }
    if place == 1 { set(.flipRate) { 0.002 * exp(-3 * $0) * (1 + 0.5 * $1) } }
  }

  private static func events(_ steps: Int) -> [EngineEvent] {
    func set(_ lane: String, _ step: Int, _ change: JournalEntry.Change, _ origin: String) -> EngineEvent {
      .applied(CommandID(1), JournalEntry(lane: lane, step: step, change: change, seconds: 12.5, origin: origin))
    }
    func checkpoint(_ step: Int, _ reason: Checkpoint.Reason) -> EngineEvent {
      .checkpointed(
        Checkpoint(
          lane: "binaryconnect", branch: 1, step: step, epoch: 2.5, reason: reason, validationAccuracy: 0.8765,
          bytes: 3_234_567, time: 1_795_467_290))
    }
    let bell = (0..<48).map { Int(4000 * exp(-pow((Double($0) - 23.5) / 11, 2))) + ($0 % 47 == 0 ? 3000 : 0) }
    let flips = ["hidden1", "hidden2"].map {
      FlipStatistics(layer: $0, weights: 65_536, totalFlips: 81_234, weightsByFlips: (0..<17).map { 60_000 >> $0 })
    }
    let weights = [bell, bell.map { 4100 - min(4100, $0) }].map {
      Histogram(lowerBound: -1, upperBound: 1, counts: $0)
    }
    return [
      set("binaryconnect", steps / 4, .set(.learningRate, old: .number(0.003), new: .number(0.001)), "client <2>"),
      set("baseline", steps * 7 / 10, .set(.momentum, old: .number(0.9), new: .number(0.95)), ""),
      .branched(LaneBranch(lane: "binaryconnect", number: 2, parent: 1, step: steps / 2)),
      checkpoint(17, .start), checkpoint(steps / 2, .best),
      .checkpointDeleted(lane: "binaryconnect", branch: 1, step: 17),
      .health(HealthReport(.warning, "runs/x: the disk is full", time: 1_795_467_300)),
      .layers(LayerReport(lane: "binaryconnect", branch: 2, step: steps, flips: flips, latentWeights: weights)),
    ]
      + lanes.enumerated().flatMap { place, lane -> [EngineEvent] in
        [
          .epoch(
            EpochReport(
              lane: lane.name, epoch: 1, step: 1, trainLoss: 1, validationLoss: 1, validationAccuracy: 0.5,
              latentValidationAccuracy: nil, learningRate: 0.1, flipRate: nil, imagesPerSecond: 12_345)),
          .laneEnded(
            LaneResult(
              lane: lane.name, failure: nil, wasStopped: false, testAccuracy: 0.8912 - 0.02 * Double(place),
              bestValidationAccuracy: 0.9034 - 0.02 * Double(place), bestEpoch: 8 + place,
              weightsSHA256: String(repeating: place == 0 ? "0a1b" : "c2d3", count: 16),
              parameters: lane.parameterCount, seconds: 3725.4, steps: steps)),
        ]
      } + [.finished]
  }
}
