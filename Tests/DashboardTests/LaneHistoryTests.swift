import Dashboard
import EngineProtocol
import Testing
import TrainingMetrics

@Suite struct LaneHistoryTests {
  private static func batch(_ events: [EngineEvent]) -> EventBatch {
    EventBatch(events: events, cursor: EventCursor())
  }

  private static func points(_ steps: ClosedRange<Int>, branch: Int, _ metric: Metric = .trainLoss) -> EngineEvent {
    .points(
      lane: "binary", branch: branch, MetricKey(metric),
      steps.map { MetricPoint(step: $0, value: Float(branch * 1000 + $0)) })
  }

  private static func branch(_ number: Int, of parent: Int, at step: Int) -> EngineEvent {
    .branched(LaneBranch(lane: "binary", number: number, parent: parent, step: step))
  }

  private static func model(_ batches: [[EngineEvent]]) -> DashboardModel {
    var model = DashboardModel()
    model.consume(batch([.started(Fixture.pair.run)]), Snapshot())
    for events in batches { model.consume(batch(events), Snapshot()) }
    return model
  }

  private static func steps(_ curves: LaneCurves?) -> [Int] {
    curves?.series[MetricKey(.trainLoss)]?.points.map(\.step) ?? []
  }

  @Test func aRewoundLaneGoesOnFromTheBranchingStep() {
    let model = Self.model([
      [Self.points(1...10, branch: 1)], [Self.branch(2, of: 1, at: 6), Self.points(7...8, branch: 2)],
    ])
    let lane = model.lanes[1]
    let series = lane.series(.trainLoss)
    #expect(series.points.map(\.step) == Array(1...8))
    #expect(series.points.map(\.value) == [1001, 1002, 1003, 1004, 1005, 1006, 2007, 2008])
    #expect(lane.step == 8 && lane.lastDrawnStep == 10)
    // The ghost begins at the branch point.
    #expect(lane.ghosts.count == 1)
    #expect(Self.steps(lane.ghosts.first) == [6, 7, 8, 9, 10])
    #expect(model.lanes[0].ghosts.isEmpty)
  }

  // A dashboard that attaches receives the branches before the points, and these in any order.
  @Test(arguments: [[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3]])
  func theOrderInWhichBranchesArriveDoesNotMatter(_ order: [Int]) {
    let structure = [Self.branch(2, of: 1, at: 60), Self.branch(3, of: 2, at: 80), Self.branch(4, of: 1, at: 50)]
    let points = [
      1: Self.points(1...100, branch: 1), 2: Self.points(61...90, branch: 2), 3: Self.points(81...85, branch: 3),
      4: Self.points(51...55, branch: 4),
    ]
    let together = Self.model([structure + order.compactMap { points[$0] }])
    let apart = Self.model([structure] + order.compactMap { points[$0].map { [$0] } })
    let values: [Float] = (1001...1050).map { Float($0) } + (4051...4055).map { Float($0) }
    for model in [together, apart] {
      let lane = model.lanes[1]
      #expect(lane.series(.trainLoss).points.map(\.value) == values)
      #expect(lane.ghosts.map { Self.steps($0) } == [Array(50...100), Array(60...90), Array(80...85)])
    }
  }

  @Test func aBranchOfABranchRunsAlongBoth() {
    let lane = Self.model([
      [
        Self.points(1...10, branch: 1), Self.branch(2, of: 1, at: 5), Self.points(6...12, branch: 2),
        Self.branch(3, of: 2, at: 8), Self.points(9...9, branch: 3),
      ]
    ]).lanes[1]
    #expect(lane.series(.trainLoss).points.map(\.value) == [1001, 1002, 1003, 1004, 1005, 2006, 2007, 2008, 3009])
    #expect(lane.history.holds(branch: 1, step: 5) && !lane.history.holds(branch: 1, step: 6))
    #expect(lane.history.holds(branch: 2, step: 8) && !lane.history.holds(branch: 2, step: 8, isChange: true))
  }

  @Test func onlyTheNewestGhostsAreKept() {
    var events = [Self.points(1...100, branch: 1)]
    for number in 2...7 {
      events += [
        Self.branch(number, of: 1, at: 100 - number * 10), Self.points((101 - number * 10)...99, branch: number),
      ]
    }
    let lane = Self.model([events]).lanes[1]
    #expect(lane.ghosts.count == LaneHistory.ghostCount)
    #expect(lane.ghosts.map { Self.steps($0).first } == [60, 50, 40])
  }

  @Test func reportsAndLatentAccuracyFollowTheBranch() {
    func report(_ epoch: Int, branch: Int) -> EngineEvent {
      .epoch(
        EpochReport(
          lane: "binary", branch: branch, epoch: epoch, step: epoch * 10, trainLoss: 1, validationLoss: 1,
          validationAccuracy: Double(branch) / 10, latentValidationAccuracy: 0.5, learningRate: 1e-3, flipRate: nil,
          imagesPerSecond: nil))
    }
    let lane = Self.model([
      [report(0, branch: 1), report(1, branch: 1), report(2, branch: 1)],
      [Self.branch(2, of: 1, at: 14), report(2, branch: 2), report(3, branch: 2)],
    ]).lanes[1]
    #expect(lane.reports.map(\.epoch) == [0, 1, 2, 3])
    #expect(lane.reports.map(\.branch) == [1, 1, 2, 2])
    #expect(lane.latentAccuracy.points.map(\.step) == [0, 10, 20, 30])
    #expect(lane.ghosts.first?.reports.map(\.step) == [20])
    #expect(lane.ghosts.first?.latentAccuracy.points.map(\.step) == [10, 20])
  }

  @Test func whatMakesNoSenseDoesNoHarm() {
    let lane = Self.model([
      [
        Self.points(1...5, branch: 7), Self.points(1...5, branch: -1), Self.branch(1, of: 0, at: 3),
        Self.branch(2, of: 9, at: 3), Self.points(4...6, branch: 2), Self.branch(3, of: 3, at: .max),
        Self.branch(4, of: 2, at: -5), Self.points(1...2, branch: 4), Self.points(1...1, branch: 4),
        .branched(LaneBranch(lane: "nobody", number: 2, parent: 1, step: 1)),
        .checkpointDeleted(lane: "binary", branch: 3, step: 9), .checkpointDeleted(lane: "nobody", branch: 3, step: 9),
      ]
    ]).lanes[1]
    #expect(lane.history.branch.number == 4)
    #expect(lane.series(.trainLoss).points.map(\.step) == [1])
  }

  @Test func manyPointsInOneBatchAreTakenIn() {
    let model = Self.model([
      [
        Self.points(1...50_000, branch: 1), Self.branch(2, of: 1, at: 40_000),
        Self.points(40_001...90_000, branch: 2),
      ]
    ])
    let lane = model.lanes[1]
    // Older points are aggregated; none is lost.
    func size(_ series: MetricSeries) -> Int { series.summary(of: 0..<series.count).size }
    #expect(size(lane.series(.trainLoss)) == 90_000)
    // A ghost begins with the whole bucket that contains the branch point.
    #expect((10_001...10_064).contains(lane.ghosts.first?.series[MetricKey(.trainLoss)].map(size) ?? 0))
  }

  @Test func checkpointsAreFoundByTheirStep() {
    func checkpoint(_ branch: Int, _ step: Int) -> EngineEvent {
      .checkpointed(
        Checkpoint(
          lane: "binary", branch: branch, step: step, epoch: 1, reason: .periodic, validationAccuracy: nil, bytes: 1,
          time: 0))
    }
    var model = Self.model([
      [checkpoint(1, 10), checkpoint(1, 20), checkpoint(1, 30), Self.branch(2, of: 1, at: 20), checkpoint(2, 25)]
    ])
    #expect(model.lanes[1].checkpoint(atOrBefore: 24)?.step == 20)
    // The mark at 30 is on the abandoned branch.
    #expect(model.lanes[1].checkpoint(atOrBefore: 40)?.step == 25)
    #expect(model.lanes[1].checkpoint(at: 30)?.branch == 1)
    #expect(model.lanes[1].checkpoint(at: 31) == nil)
    model.consume(Self.batch([.checkpointDeleted(lane: "binary", branch: 2, step: 25)]), Snapshot())
    #expect(model.lanes[1].checkpoint(atOrBefore: 40)?.step == 20)
  }

  @Test func aDeepZoomAsksForThePointsThatItShows() throws {
    var series = MetricSeries((1...100_000).map { MetricPoint(step: $0, value: Float($0)) })
    series.coarsen()
    func sketch(_ branch: Int) -> EngineEvent {
      .sketch(lane: "binary", branch: branch, MetricKey(.trainLoss), series)
    }
    var model = Self.model([[sketch(1), Self.branch(2, of: 1, at: 60_000), sketch(2)]])
    let lane = model.lanes[1]
    #expect(lane.history.coarseStretches(in: 0...90_000).isEmpty, "more points than are told at once")
    #expect(lane.history.coarseStretches(in: 99_000...99_900).isEmpty, "the newest are points")
    // At this step, the course changes from the first branch to the second.
    let requests = lane.history.coarseStretches(in: 59_000...61_000)
    #expect(requests.map(\.branch) == [2, 1])
    for request in requests {
      #expect(request.lane == "binary" && request.metric == .trainLoss)
      let points = (request.first...request.last).map { MetricPoint(step: $0, value: Float($0)) }
      model.consume(Self.batch([.stretch(CommandID(1), request, points)]), Snapshot())
    }
    #expect(model.lanes[1].history.coarseStretches(in: 59_000...61_000).isEmpty)
    let shown = model.lanes[1].series(.trainLoss)
    let places = shown.firstIndex(atOrAfter: 59_000)..<shown.firstIndex(atOrAfter: 61_000)
    #expect(shown.points[places].map(\.step) == Array(59_000..<61_000))
  }
}
