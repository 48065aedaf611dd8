import EngineProtocol
import Foundation
import RunStore
import Testing
import TrainingMetrics

@Suite struct RecordedRunTests {
  private func kinds(_ events: [EngineEvent]) -> [String] {
    events.map { String("\($0)".prefix { $0 != "(" }) }
  }

  @Test func lanesAndBranchesComeBeforePointsAndPointsBeforeTheRest() {
    let run = RecordedRun(Sample.history())
    let batch = run.events(after: EventCursor())
    #expect(
      kinds(batch.events) == [
        "started", "laneAdded", "branched", "points", "points", "points", "points", "epoch", "applied", "applied",
        "checkpointed", "checkpointed", "checkpointDeleted", "layers", "health", "laneEnded", "laneEnded", "finished",
      ])
    #expect(run.events(after: batch.cursor).events.isEmpty)
    #expect(run.events(after: batch.cursor).cursor == batch.cursor)
    let plain = run.events(after: .withoutPoints)
    #expect(kinds(plain.events) == kinds(batch.events).filter { $0 != "points" })
    #expect(plain.cursor.eventCount == batch.cursor.eventCount)
  }

  @Test func aReaderGetsThePointsItHasNotRead() {
    let run = RecordedRun(Sample.history())
    let key = SeriesKey(lane: "bnn", branch: 1, Sample.loss)
    var cursor = EventCursor()
    cursor.pointCounts[key] = 2
    let points = run.events(after: cursor).events.compactMap { event -> [Int]? in
      guard case .points("bnn", 1, Sample.loss, let points) = event else { return nil }
      return points.map(\.step)
    }
    #expect(points == [[3]])
    // A cursor of another engine, after all events.
    cursor.eventCount = 1000
    cursor.pointCounts[key] = 1000
    #expect(!kinds(run.events(after: cursor).events).contains("started"))
  }

  @Test(.timeLimit(.minutes(1))) func aLaneIsInspectedFromItsCheckpoints() throws {
    let run = RecordedRun(
      Sample.history(),
      answerer: { command, id in
        guard case .inspectLane(let lane, let choice) = command else { return nil }
        guard lane == "bnn" else {
          return .deploymentFailed(id, DeploymentFailure(lane: lane, work: .inspecting, reason: "missing"))
        }
        let weights = DeployedWeights(lane: lane, branch: 1, choice: choice ?? .best, step: 3, epoch: 1)
        return .laneInspected(id, LaneDiagnostics(weights: weights, batch: nil, layers: []))
      })
    var cursor = run.events(after: EventCursor()).cursor
    for (lane, expected) in [("bnn", "laneInspected"), ("other", "deploymentFailed")] {
      run.send(.inspectLane(lane, nil), as: run.nextCommandID())
      var found: [EngineEvent] = []
      while found.isEmpty {
        let batch = run.events(after: cursor)
        (found, cursor) = (batch.events, batch.cursor)
      }
      #expect(kinds(found) == [expected])
    }
    // Without a way to measure, the recording says so.
    let plain = RecordedRun(Sample.history())
    let end = plain.events(after: EventCursor()).cursor
    plain.send(.inspectLane("bnn", nil), as: plain.nextCommandID())
    #expect(kinds(plain.events(after: end).events) == ["refused"])
  }

  @Test func everyCommandIsRefused() {
    let run = RecordedRun(Sample.history())
    let cursor = run.events(after: EventCursor()).cursor
    let ids = [run.send(.pause(.all)), run.send(.stop(.lane("bnn")))]
    #expect(Set(ids).count == 2)
    let words =
      "this is a recording of 20260131-120000-digits; `signflip resume 20260131-120000-digits` continues it"
    let batch = run.events(after: cursor)
    #expect(batch.events == ids.map { .refused($0, words) })
    #expect(run.events(after: batch.cursor).events.isEmpty)
  }

  @Test func lanesThatHaveNotEndedAreStopped() {
    var history = Sample.history(isFinished: false)
    history.snapshots.removeLast()
    let snapshot = RecordedRun(history, bytes: 7).snapshot()
    #expect(snapshot.phase == .finished)
    #expect(snapshot.lanes.map(\.name) == ["bnn", "fork"])
    #expect(snapshot.lanes.map(\.state) == [.stopped, .stopped])
    #expect(snapshot.lanes.map(\.step) == [20, 0])
    #expect(snapshot.seconds == 75)
    #expect(snapshot.storage == Snapshot.Storage(bytes: 7))
    #expect(RecordedRun(Sample.history()).snapshot().lanes.map(\.state) == [.stopped, .finished])
  }

  @Test func aDirectoryIsPlayedBack() throws {
    let folder = try TemporaryFolder()
    let archive = try Sample.archive(in: folder)
    try archive.write(
      RunBatch(events: [.started(Sample.run()), Sample.points(1...3)], snapshots: [Sample.snapshot("bnn")]), time: 0)
    // An engine still runs it.
    let run = try RecordedRun(directory: archive.directory)
    #expect(kinds(run.events(after: EventCursor()).events) == ["started", "points"])
    #expect((run.snapshot().storage?.bytes ?? 0) > 1000)
    #expect(code { _ = try RecordedRun(directory: folder.path) } == .notFound)
    archive.close()

    let second = try Sample.archive(in: folder, name: "other")
    try second.write(RunBatch(events: [.started(Sample.run()), Sample.points(1...3)]), time: 0)
    let both = try CombinedRuns(directories: [archive.directory, second.directory])
    #expect(kinds(both.events(after: EventCursor()).events) == ["started", "points", "points"])
    #expect(both.snapshot().lanes.map(\.name) == ["digits:float", "digits:bnn", "other:float", "other:bnn"])
  }

  @Test func severalRunsAreOneWithTheirLanesSideBySide() throws {
    let other = Sample.history(id: "20260201-120000-other", isFinished: false)
    let run = CombinedRuns([Sample.history(), other])
    let events = run.events(after: EventCursor()).events
    #expect(kinds(events).filter { $0 == "started" }.count == 1)
    guard case .started(let description)? = events.first else {
      Issue.record("started comes first")
      return
    }
    #expect(description.name == "digits + other")
    #expect(description.dataset == "digits")
    #expect(description.lanes.map(\.name) == ["digits:bnn", "other:bnn"])
    let points = events.compactMap { event -> String? in
      guard case .points(let lane, let branch, let key, _) = event else { return nil }
      return "\(lane) \(branch) \(key.metric)"
    }
    let each = ["bnn 1 trainLoss", "bnn 1 flipRate", "bnn 2 trainLoss", "fork 1 trainLoss"]
    // Original lanes come first, forked ones last.
    #expect(Set(points) == Set(each.map { "digits:" + $0 } + each.map { "other:" + $0 }))
    #expect(points.count == 8)
    // One of the two runs has not ended.
    #expect(!kinds(events).contains("finished"))
    #expect(
      kinds(CombinedRuns([Sample.history(), Sample.history()]).events(after: EventCursor()).events).last == "finished")
    for event in events {
      switch event {
      case .laneAdded(let lane):
        #expect(lane.fork?.lane == lane.name.replacing("fork", with: "bnn"))
      case .applied(_, let entry):
        if case .forked(let lane) = entry.change { #expect(lane == entry.lane.replacing("bnn", with: "fork")) }
      default: break
      }
    }
    let names = Set(["digits:bnn", "digits:fork", "other:bnn", "other:fork"])
    #expect(Set(run.snapshot().lanes.map(\.name)) == names)
    let id = run.send(.pause(.all))
    guard case .refused(id, let words)? = run.events(after: .withoutPoints).events.last else {
      Issue.record("a command is refused")
      return
    }
    #expect(words.contains("20260131-120000-digits, 20260201-120000-other"))
  }

  @Test func labelsAreShortAndTellRunsApart() {
    func lanes(_ ids: String...) -> [String] {
      CombinedRuns(ids.map { Sample.history(id: $0) }).snapshot().lanes.map(\.name).filter { $0.hasSuffix(":bnn") }
    }
    #expect(lanes("20260131-120000-a-b", "copy of a run") == ["a-b:bnn", "copy of a run:bnn"])
    #expect(
      lanes("20260131-120000-a", "20260131-130000-a", "20260131-120000-b") == [
        "20260131-120000-a:bnn", "130000:bnn", "b:bnn",
      ])
    #expect(lanes("20260131-120000-a", "20260131-130000-a") == ["120000:bnn", "130000:bnn"])
    #expect(lanes("20260131-120000-a", "20260201-120000-a") == ["0131-120000:bnn", "0201-120000:bnn"])
    #expect(lanes("20260131-120000-a", "20260131-120000-a") == ["20260131-120000-a#1:bnn", "20260131-120000-a#2:bnn"])
  }
}
