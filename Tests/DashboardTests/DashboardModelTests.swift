import Dashboard
import EngineProtocol
import TerminalUI
import Testing
import TrainingMetrics

@Suite struct DashboardModelTests {
  private let run = Fixture.pair.run

  private func batch(_ events: [EngineEvent]) -> EventBatch {
    var cursor = EventCursor()
    cursor.eventCount = events.count
    return EventBatch(events: events, cursor: cursor)
  }

  @Test func aWholeRunIsReplayed() {
    let engine = FakeEngine(.pair)
    engine.send(.start(.init(source: .preset(nil))))
    engine.makeReady()
    engine.train(6000)
    var model = DashboardModel()
    model.consume(engine.events(after: model.cursor), engine.snapshot())
    #expect(model.isFinished)
    #expect(!model.isTraining)
    #expect(model.lanes.map(\.step) == [5400, 5400])
    #expect(model.lanes.allSatisfy { $0.series(.trainLoss).count == 5400 && $0.reports.count == 11 })
    #expect(model.lanes[1].series(.flipRate, layer: "hidden 1").count == 5400)
    #expect(model.lanes[1].latentAccuracy.count == 11)
    #expect(model.lanes.allSatisfy { $0.state == .finished && $0.testAccuracy != nil })
    // The result is the same if events arrive in parts.
    let other = FakeEngine(.pair)
    other.send(.start(.init(source: .preset(nil))))
    other.makeReady()
    var second = DashboardModel()
    for _ in 0..<60 {
      other.train(100)
      second.consume(other.events(after: second.cursor), other.snapshot())
    }
    #expect(second.lanes.map { $0.series(.trainLoss).points } == model.lanes.map { $0.series(.trainLoss).points })
    #expect(second.lanes.map(\.reports.count) == model.lanes.map(\.reports.count))
  }

  @Test func pointsThatGoBackBeginASeriesAnew() {
    var model = DashboardModel()
    let points = { (steps: [Int]) in steps.map { MetricPoint(step: $0, value: 1) } }
    model.consume(
      batch([
        .started(run), .points(lane: "binary", branch: 1, MetricKey(.trainLoss), points([1, 2, 3])),
        .points(lane: "binary", branch: 1, MetricKey(.trainLoss), points([2, 3])),
      ]), Snapshot())
    #expect(model.lanes[1].series(.trainLoss).points.map(\.step) == [2, 3])
  }

  @Test func whatIsSaidOfUnknownLanesIsLeftOut() {
    var model = DashboardModel()
    model.consume(
      batch([
        .started(run), .points(lane: "ghost", branch: 1, MetricKey(.trainLoss), [MetricPoint(step: 1, value: 1)]),
        .applied(CommandID(1), JournalEntry(lane: "ghost", step: 3, change: .paused, seconds: 0)),
      ]),
      Snapshot(lanes: [LaneSnapshot(name: "ghost", epochs: 1, stepsPerEpoch: 1, hyperparameters: [])]))
    #expect(model.lanes.map(\.name) == ["baseline", "binary"])
    #expect(model.lanes.allSatisfy { $0.step == 0 && $0.journal.isEmpty })
  }

  @Test func notANumberDoesNoHarm() {
    var harness = Harness.training(20)
    harness.engine.fail("baseline", "loss is NaN at step 20")
    harness.poll()
    let state = harness.dashboard.model.lanes[0].state
    #expect(state == .failed("loss is NaN at step 20"))
    harness.train(50)
    #expect(harness.dashboard.model.lanes.map(\.step) == [20, 70])
    #expect(harness.screen().contains("✗ loss is NaN at step 20"))
    #expect(harness.dashboard.model.isTraining)
  }

  @Test func theJournalTellsWhatHappened() {
    var harness = Harness.training(560)
    harness.command("set binary.learningRate 3e-4")
    harness.press(.character(" "))
    harness.poll()
    let log = harness.dashboard.model.log
    #expect(
      log.first?.text
        == "fashion-quick started on fashion-mnist, /usr/share/datasets/fashion-mnist (no mnist found), seed 1")
    #expect(log.contains { $0.lane == "binary" && $0.step == 560 && $0.text == "learning rate 3e-3 → 3e-4" })
    #expect(log.contains { $0.lane == "baseline" && $0.step == 540 && $0.text.hasPrefix("epoch 1  ") })
    #expect(log.last?.text == "paused")
  }
}
