import EngineProtocol
import Foundation
import RunStore
import Testing
import TrainingMetrics

@Suite struct RunArchiveTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aNewRunHasItsFilesAndIsNamedByTimeAndName() throws {
    let archive = try Sample.archive(in: folder, name: "my run/π")
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    let stamp = formatter.string(from: Date(timeIntervalSince1970: 1000))
    #expect(archive.id == "\(stamp)-my-run-π")
    #expect(archive.directory == "\(folder.path)/runs/\(archive.id)")
    let files = try FileManager.default.contentsOfDirectory(atPath: archive.directory)
    #expect(Set(files).isSuperset(of: ["experiment.yaml", "run.sqlite", "checkpoints", "log", "lock"]))
    #expect(!files.contains { $0.hasSuffix(".tmp") })
    let text = try String(contentsOfFile: archive.directory + "/experiment.yaml", encoding: .utf8)
    #expect(text == "name: digits\n")

    let second = try Sample.archive(in: folder, name: "my run/π")
    let third = try Sample.archive(in: folder, name: "my run/π")
    #expect(second.id == archive.id + "-2")
    #expect(third.id == archive.id + "-3")
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let archive = try Sample.archive(in: folder)
    let fork = RunDescription.Fork(
      lane: "bnn", branch: 1, step: 5, settings: [HyperparameterSetting(.learningRate, .number(0.1))])
    let structure: [EngineEvent] = [
      .started(Sample.run()), .laneAdded(Sample.lane("bnn 2", fork: fork)),
      .branched(LaneBranch(lane: "bnn", number: 2, parent: 1, step: 5)),
    ]
    let others: [EngineEvent] = [
      Sample.epoch(1, step: 10), Sample.layers(step: 10), Sample.setting(step: 10),
      Sample.applied(.rewound(from: 9), step: 5), Sample.applied(.forked(into: "bnn 2"), step: 5),
      .checkpointed(Sample.checkpoint(10)), .checkpointDeleted(lane: "bnn", branch: 1, step: 10),
      .health(HealthReport(.warning, "the disk is nearly full", time: 7)), Sample.result("bnn"), .finished,
      .failed("all is lost"),
    ]
    try archive.write(
      RunBatch(
        events: structure + [Sample.points(1...3), Sample.points(6...7, branch: 2), .engineLost("gone")] + others
          + [.refused(CommandID(1), "no"), Sample.points(1...2, of: Sample.flips)],
        times: Sample.times(1...3), snapshots: [Sample.snapshot("bnn"), Sample.snapshot("float")]),
      time: 42)

    let history = try archive.history()
    var run = Sample.run()
    (run.id, run.directory) = (archive.id, archive.directory)
    #expect(history.description == run)
    #expect(history.environment == ["cores": "2"])
    #expect(history.events.allSatisfy { $0.time == 42 })
    // The engine that answered the commands has ended; clients of another engine must not mistake this for their answer.
    let read = others.map { if case .applied(_, let entry) = $0 { EngineEvent.applied(.unasked, entry) } else { $0 } }
    // Compares the text, as NaN is not equal to itself.
    #expect(history.events.map { "\($0.event)" } == ([.started(run)] + structure.dropFirst() + read).map { "\($0)" })
    #expect(history.series.count == 3)
    #expect(history.series[SeriesKey(lane: "bnn", branch: 1, Sample.loss)]?.map(\.step) == [1, 2, 3])
    #expect(history.series[SeriesKey(lane: "bnn", branch: 1, Sample.loss)]?.map(\.value) == [1, 0.5, 1 / Float(3)])
    #expect(history.series[SeriesKey(lane: "bnn", branch: 2, Sample.loss)]?.map(\.step) == [6, 7])
    #expect(history.series[SeriesKey(lane: "bnn", branch: 1, Sample.flips)]?.map(\.step) == [1, 2])
    #expect(history.times == Sample.times(1...3))
    #expect(history.snapshots.map(\.name) == ["float", "bnn"])
    #expect(history.snapshots[1].latest[.trainLoss]?.isNaN == true)
  }

  @Test func numbersThatAreNoneSurvive() throws {
    let archive = try Sample.archive(in: folder)
    let values: [Float] = [.nan, .infinity, -.infinity, 0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    let points = values.enumerated().map { MetricPoint(step: $0, value: $1) }
    try archive.write(RunBatch(events: [.points(lane: "a", branch: 1, Sample.loss, points)]), time: 0)
    let read = try archive.history().series[SeriesKey(lane: "a", branch: 1, Sample.loss)] ?? []
    #expect(read.map(\.step) == Array(0..<values.count))
    #expect(read.first?.value.isNaN == true)
    #expect(read.dropFirst().map(\.value) == Array(values.dropFirst()))
  }

  @Test func aDoubledPointIsRefusedAndItsBatchWithIt() throws {
    let archive = try Sample.archive(in: folder)
    try archive.write(RunBatch(events: [Sample.points(1...3)]), time: 0)
    // The series of the flips is new in the batch that fails, so its row must not count as written.
    let doubled = RunBatch(events: [Sample.points(1...2, of: Sample.flips), Sample.points(3...4), .finished])
    let error = failure { try archive.write(doubled, time: 1) }
    #expect(error?.code == .exists)
    #expect(error?.message.contains("step 3 of bnn trainLoss, branch 1") == true, "\(error?.message ?? "")")
    var history = try archive.history()
    #expect(history.events.isEmpty)
    #expect(history.series.mapValues(\.count) == [SeriesKey(lane: "bnn", branch: 1, Sample.loss): 3])

    try archive.write(RunBatch(events: [Sample.points(1...2, of: Sample.flips), Sample.points(4...4)]), time: 2)
    history = try archive.history()
    #expect(history.series[SeriesKey(lane: "bnn", branch: 1, Sample.flips)]?.count == 2)
    #expect(history.series[SeriesKey(lane: "bnn", branch: 1, Sample.loss)]?.count == 4)
  }

  @Test func theNewestSnapshotAndTheFirstTimeHold() throws {
    let archive = try Sample.archive(in: folder)
    for step in 1...2 {
      try archive.write(
        RunBatch(
          times: [BranchKey(lane: "bnn", branch: 1): [StepTime(step: 7, time: Double(step))]],
          snapshots: [Sample.snapshot("bnn", step: step)]),
        time: 0)
    }
    let history = try archive.history()
    #expect(history.snapshots.map(\.step) == [2])
    #expect(history.times.values.first == [StepTime(step: 7, time: 1)])
  }

  @Test func aFullDatabaseLosesNothingAndCanBeWrittenLater() throws {
    let archive = try Sample.archive(in: folder)
    try archive.write(RunBatch(events: [.started(Sample.run()), Sample.points(1...100)]), time: 0)
    try archive.limitDatabase(bytes: 0)
    let batch = RunBatch(events: [Sample.points(101...50_000), Sample.epoch(1, step: 50_000)])
    #expect(code { try archive.write(batch, time: 1) } == .diskFull)
    #expect(try archive.history().series.values.map(\.count) == [100])
    #expect(try archive.history().events.count == 1)

    try archive.limitDatabase(bytes: 1 << 40)
    try archive.write(batch, time: 2)
    #expect(try archive.history().series.values.map(\.count) == [50_000])
  }

  @Test func aRunIsGoneOnWithWhereItWasLeft() throws {
    let first = try Sample.archive(in: folder)
    try first.write(RunBatch(events: [.started(Sample.run()), Sample.points(1...3)]), time: 0)
    first.close()
    let second = try RunArchive.open(directory: first.directory + "/")
    #expect(second.id == first.id)
    #expect(code { try second.write(RunBatch(events: [Sample.points(3...3)]), time: 0) } == .exists)
    try second.write(RunBatch(events: [Sample.points(4...5)]), time: 0)
    #expect(try second.history().series.mapValues(\.count) == [SeriesKey(lane: "bnn", branch: 1, Sample.loss): 5])
  }

  @Test func aKilledEngineLosesNothingThatWasWritten() throws {
    let archive = try Sample.archive(in: folder)
    try archive.write(RunBatch(events: [.started(Sample.run()), Sample.points(1...1000)]), time: 0)
    try Sample.save(Sample.checkpoint(500), to: archive)
    // The state after a kill: the database and its write-ahead log, without the log's index.
    let left = try folder.folder("left")
    for file in ["run.sqlite", "run.sqlite-wal", "checkpoints"] {
      try FileManager.default.copyItem(atPath: archive.directory + "/" + file, toPath: left + "/" + file)
    }
    let again = try RunArchive.open(directory: left)
    #expect(try again.history().series.values.map(\.count) == [1000])
    #expect(try again.checkpoints().map(\.step) == [500])
    #expect(try again.history().description.id == "left")
    #expect(code { try again.write(RunBatch(events: [Sample.points(1000...1001)]), time: 0) } == .exists)
  }

  @Test func othersReadWhileARunIsWritten() throws {
    let archive = try Sample.archive(in: folder)
    for part in 0..<5 {
      try archive.write(RunBatch(events: [Sample.points((part * 10 + 1)...(part * 10 + 10))]), time: 0)
      let read = try RunArchive.history(of: archive.directory)
      #expect(read.series.values.first?.count == part * 10 + 10)
    }
    // The run has no description yet.
    let history = try RunArchive.history(of: archive.directory)
    #expect(history.description.name == "digits")
    #expect(history.description.startedAt == 1000)
    #expect(history.description.lanes.isEmpty)
  }

  @Test func aTruncatedBranchCanBeRecordedAnew() throws {
    let archive = try Sample.archive(in: folder)
    let all: [EngineEvent] = [
      .started(Sample.run()), .branched(LaneBranch(lane: "bnn", number: 2, parent: 1, step: 5)),
      Sample.points(1...20), Sample.points(1...20, of: Sample.flips), Sample.points(6...20, branch: 2),
      Sample.points(1...20, lane: "float"), Sample.epoch(0, step: 0), Sample.epoch(1, step: 10),
      Sample.epoch(2, step: 20), Sample.epoch(2, step: 20, branch: 2), Sample.epoch(2, step: 20, lane: "float"),
      Sample.layers(step: 10), Sample.layers(step: 20), Sample.setting(step: 15),
      .health(HealthReport(.information, "resumed", time: 1)), .checkpointed(Sample.checkpoint(10)),
      .checkpointed(Sample.checkpoint(20)), Sample.result("bnn"), Sample.result("float"), .finished,
    ]
    try archive.write(RunBatch(events: all, times: Sample.times(1...20)), time: 0)
    for step in [10, 20] { try Sample.save(Sample.checkpoint(step), to: archive) }
    try Sample.save(Sample.checkpoint(20, branch: 2), to: archive)
    let lost = try archive.file(of: Sample.checkpoint(20)).path

    try archive.truncate(lane: "bnn", branch: 1, after: 10)
    var history = try archive.history()
    #expect(history.series[SeriesKey(lane: "bnn", branch: 1, Sample.loss)]?.last?.step == 10)
    #expect(history.series[SeriesKey(lane: "bnn", branch: 1, Sample.flips)]?.last?.step == 10)
    #expect(history.series[SeriesKey(lane: "bnn", branch: 2, Sample.loss)]?.last?.step == 20)
    #expect(history.series[SeriesKey(lane: "float", branch: 1, Sample.loss)]?.last?.step == 20)
    #expect(history.times.values.first?.last?.step == 10)
    let gone = [
      Sample.epoch(2, step: 20), Sample.layers(step: 20), .checkpointed(Sample.checkpoint(20)), Sample.result("bnn"),
      .finished,
    ].map { "\($0)" }
    let left = all.dropFirst().filter { if case .points = $0 { false } else { !gone.contains("\($0)") } }
    // The sender of a recorded change is not connected any more.
    let unasked = left.map { event -> EngineEvent in
      if case .applied(_, let entry) = event { .applied(.unasked, entry) } else { event }
    }
    #expect(history.events.dropFirst().map { "\($0.event)" } == unasked.map { "\($0)" })
    #expect(try archive.checkpoints().map { [$0.branch, $0.step] } == [[1, 10], [2, 20]])
    #expect(!FileManager.default.fileExists(atPath: lost))

    try archive.write(RunBatch(events: [Sample.points(11...20)], times: Sample.times(11...20)), time: 0)
    try archive.truncate(lane: "bnn", branch: 1, after: nil)
    history = try archive.history()
    #expect(history.series[SeriesKey(lane: "bnn", branch: 1, Sample.loss)] == nil)
    #expect(history.times.isEmpty)
    #expect(try archive.checkpoints().map(\.branch) == [2])
    try archive.write(RunBatch(events: [Sample.points(1...1)]), time: 0)
  }

  @Test func theSizeIsThatOfAllFiles() throws {
    let archive = try Sample.archive(in: folder)
    let before = archive.bytes
    try Sample.save(Sample.checkpoint(10), to: archive, bytes: 1_000_000)
    try FileManager.default.createDirectory(
      atPath: archive.directory + "/tensorboard/bnn", withIntermediateDirectories: true)
    try Data(count: 5000).write(to: URL(filePath: archive.directory + "/tensorboard/bnn/events"))
    #expect(before > 0)
    #expect(archive.bytes >= before + 1_005_000)
    #expect(archive.bytes < before + 1_100_000)
    let full = archive.bytes
    try archive.delete(Sample.checkpoint(10))
    #expect(archive.bytes <= full - 900_000)
  }

  @Test func theLogHasALineEachAndOutlivesTheArchive() throws {
    let archive = try Sample.archive(in: folder)
    archive.log("training\nbegan")
    archive.close()
    archive.log("nobody hears this")
    let again = try RunArchive.open(directory: archive.directory)
    again.log("resumed")
    let lines = try String(contentsOfFile: archive.directory + "/log", encoding: .utf8).split(separator: "\n")
    #expect(lines.map { $0.split(separator: " ", maxSplits: 1)[1] } == ["training began", "resumed"])
    #expect(try lines.allSatisfy { try Date(String($0.prefix(20)), strategy: .iso8601).timeIntervalSinceNow > -60 })
  }
}
