import EngineProtocol
import RunStore
import TrainingMetrics

extension Sample {
  /// A run with two lanes, one of them forked and one rewound, with points, results and two changes.
  static func history(id: String = "20260131-120000-digits", seed: UInt64 = 1, isFinished: Bool = true) -> RunHistory {
    var run = Sample.run(lanes: ["bnn"], seed: seed)
    (run.id, run.directory) = (id, "/runs/\(id)")
    let fork = Sample.lane("fork", fork: .init(lane: "bnn", branch: 1, step: 2, settings: []))
    let events: [EngineEvent] = [
      .started(run), Sample.epoch(1, step: 2), Sample.setting(step: 2), .laneAdded(fork),
      Sample.applied(.forked(into: "fork"), step: 2), .branched(LaneBranch(lane: "bnn", number: 2, parent: 1, step: 2)),
      .checkpointed(Sample.checkpoint(2)), .checkpointed(Sample.checkpoint(3)),
      .checkpointDeleted(lane: "bnn", branch: 1, step: 2), Sample.layers(step: 2),
      .health(HealthReport(.warning, "the disk is nearly full", time: 7)),
    ]
    let end = isFinished ? [Sample.result("bnn"), Sample.result("fork", stopped: true), .finished] : []
    let loss = [MetricPoint(step: 1, value: 0.1), MetricPoint(step: 2, value: .nan), MetricPoint(step: 3, value: 2)]
    return RunHistory(
      description: run, environment: ["cores": "2"],
      events: (events + end).map { RecordedEvent(time: 1002, $0) },
      series: [
        SeriesKey(lane: "bnn", branch: 1, Sample.loss): loss,
        SeriesKey(lane: "bnn", branch: 2, Sample.loss): [MetricPoint(step: 3, value: 0.5)],
        SeriesKey(lane: "bnn", branch: 1, Sample.flips): [MetricPoint(step: 2, value: .infinity)],
        SeriesKey(lane: "fork", branch: 1, Sample.loss): [MetricPoint(step: 3, value: -0.25)],
      ],
      times: [
        BranchKey(lane: "bnn", branch: 1): [StepTime(step: 1, time: 1000.25), StepTime(step: 3, time: 1000.75)],
        BranchKey(lane: "bnn", branch: 2): [StepTime(step: 3, time: 1001)],
      ],
      snapshots: [Sample.snapshot("bnn"), Sample.snapshot("fork", state: .finished)])
  }
}
