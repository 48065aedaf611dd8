import EngineProtocol
import Foundation
import GRDB
import RunStore
import Testing
import TrainingMetrics

/// Reading a long run to show or resume it.
@Suite struct OutlineTests {
  private let folder: TemporaryFolder
  private let key = SeriesKey(lane: "bnn", branch: 1, Sample.loss)

  init() throws { folder = try TemporaryFolder() }

  private func archive(points count: Int) throws -> RunArchive {
    let archive = try Sample.archive(in: folder)
    try archive.write(
      RunBatch(events: [.started(Sample.run()), Sample.points(1...count)], times: Sample.times(1...count)), time: 0)
    return archive
  }

  // As the engine does during training.
  private func sketch(_ steps: ClosedRange<Int>) -> MetricSeries {
    var series = MetricSeries(steps.map { MetricPoint(step: $0, value: 1 / Float($0)) })
    series.coarsen()
    return series
  }

  @Test func aShortRunIsThereWhole() throws {
    let archive = try archive(points: 50)
    let outline = try archive.outline()
    let history = try archive.history()
    #expect(outline.series.isEmpty && outline.sketches.mapValues(\.points) == history.series)
    #expect(outline.events == history.events && outline.description == history.description)
    #expect(outline.times == [BranchKey(lane: "bnn", branch: 1): [StepTime(step: 50, time: 1012.5)]])
  }

  @Test(arguments: [0, 20_000, 29_000, 30_000]) func aSummaryAndThePointsBehindItMakeTheSeries(summarized: Int) throws {
    let archive = try archive(points: 30_000)
    if summarized > 0 { try archive.write([key: sketch(1...summarized)]) }
    for outline in [try archive.outline(), try RunArchive.outline(of: archive.directory)] {
      let series = try #require(outline.sketches[key])
      #expect(series.pointCount == 30_000 && series.isCoarse)
      #expect(series.last == MetricPoint(step: 30_000, value: 1 / 30_000))
      #expect(series.summary.minimum == 1 / 30_000 && series.summary.maximum == 1)
      #expect(abs(series.summary.sum - (1...30_000).reduce(0) { $0 + 1 / Double($1) }) < 1e-3)
    }
  }

  @Test(arguments: [1, 2]) func anOldRunIsSummedUpAsItIsRecorded(every: Int) throws {
    let archive = try Sample.archive(in: folder)
    let points = (1...30_000).map { place in
      MetricPoint(step: 7 + place * every, value: place % 1000 == 0 ? .nan : 1 / Float(place))
    }
    try archive.write(
      RunBatch(events: [.started(Sample.run()), .points(lane: "bnn", branch: 1, Sample.loss, points)]), time: 0)
    let read = try #require(try archive.outline().sketches[key])
    var expected = MetricSeries()
    var rest = points.makeIterator()
    expected.append(count: points.count) { rest.next() }
    #expect(read.points.map(\.step) == expected.points.map(\.step))
    #expect(
      (0..<read.count).map { "\(read.bucket(at: $0))" } == (0..<expected.count).map { "\(expected.bucket(at: $0))" })
    #expect(read.isCoarse && read.pointCount == 30_000)
  }

  @Test func whatIsTakenBackIsNotInTheSummary() throws {
    let archive = try archive(points: 30_000)
    try archive.write([key: sketch(1...30_000)])
    try archive.truncate(lane: "bnn", branch: 1, after: 21_212)
    var series = try #require(try archive.outline().sketches[key])
    #expect(series.pointCount == 21_212 && series.last?.step == 21_212)
    // Trained again, with other values, and further than before.
    try archive.write(
      RunBatch(events: [
        .points(lane: "bnn", branch: 1, Sample.loss, (21_213...40_000).map { MetricPoint(step: $0, value: 9) })
      ]), time: 1)
    series = try #require(try archive.outline().sketches[key])
    #expect(series.pointCount == 40_000)
    #expect(series.summary(of: series.firstIndex(atOrAfter: 21_300)..<series.count).minimum == 9)
    try archive.truncate(lane: "bnn", branch: 1, after: nil)
    #expect(try archive.outline().sketches.isEmpty)
  }

  @Test func whatAnOlderVersionHasRecordedSinceIsSeen() throws {
    let archive = try archive(points: 30_000)
    try archive.write([key: sketch(1...30_000)])
    archive.close()
    // It removes points and records others, without summaries.
    let database = try DatabaseQueue(path: archive.directory + "/run.sqlite")
    try database.write { try $0.execute(sql: "UPDATE points SET value = 5 WHERE step > 10000") }
    try database.close()
    let series = try #require(try RunArchive.outline(of: archive.directory).sketches[key])
    #expect(series.summary.maximum == 5 && series.pointCount == 30_000)
  }

  @Test func aRunOfAnOlderVersionOpens() throws {
    let archive = try archive(points: 20_000)
    archive.close()
    let database = try DatabaseQueue(path: archive.directory + "/run.sqlite")
    try database.write { try $0.execute(sql: "DROP TABLE sketches") }
    try database.close()
    #expect(try RunArchive.outline(of: archive.directory).sketches[key]?.pointCount == 20_000)
    let again = try RunArchive.open(directory: archive.directory)
    try again.write([key: sketch(1...20_000)])
    try again.truncate(lane: "bnn", branch: 1, after: 10_000)
    #expect(try again.outline().sketches[key]?.pointCount == 10_000)
  }

  @Test func somePointsAreReadByTheirPlace() throws {
    let archive = try archive(points: 1000)
    #expect(try archive.points(of: key, after: 10, offset: 5, count: 3).map(\.step) == [16, 17, 18])
    #expect(try archive.points(of: key, after: 998, offset: 0, count: -1).map(\.step) == [999, 1000])
    #expect(try archive.points(of: SeriesKey(lane: "x", branch: 1, Sample.loss), after: 0, offset: 0, count: 1).isEmpty)
  }

  @Test func aRecordedRunTellsALongSeriesSummedUp() throws {
    let archive = try archive(points: 30_000)
    try archive.write(RunBatch(events: [Sample.points(1...20, of: Sample.flips)]), time: 1)
    archive.close()
    let run = try RecordedRun(directory: archive.directory)
    var told: [String] = []
    let batch = run.events(after: EventCursor())
    for event in batch.events {
      switch event {
      case .sketch("bnn", 1, Sample.loss, let series): told.append("sketch of \(series.pointCount)")
      case .points("bnn", 1, Sample.flips, let points): told.append("\(points.count) points")
      default: break
      }
    }
    #expect(told == ["sketch of 30000", "20 points"])
    #expect(run.events(after: batch.cursor).events.isEmpty)
  }

  @Test func whatWasSummedUpOfARunOfAnOlderVersionIsKept() throws {
    let archive = try archive(points: 30_000)
    #expect(try RunArchive.outline(of: archive.directory).sketches[key]?.pointCount == 30_000)
    #expect(try rows(archive) == 0, "who only reads writes nothing")
    _ = try archive.outline(points: false)
    #expect(try rows(archive) == 0)
    let outline = try archive.outline()
    #expect(try rows(archive) == 1)
    #expect(try archive.outline().sketches == outline.sketches)
  }

  private func rows(_ archive: RunArchive) throws -> Int? {
    try DatabaseQueue(path: archive.directory + "/run.sqlite").read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM sketches")
    }
  }

  @Test func pointsAreToldAsTheyWereMeasured() throws {
    let archive = try archive(points: 30_000)
    func steps(_ key: SeriesKey, _ range: ClosedRange<Int>) throws -> [Int] {
      try archive.points(PointsRequest(key, steps: range)).map(\.step)
    }
    #expect(try steps(key, 12...15) == [12, 13, 14, 15])
    #expect(try steps(key, .min...2) == [1, 2] && steps(key, 29_999 ... .max) == [29_999, 30_000])
    #expect(try steps(key, 1...30_000) == Array(1...PointsRequest.mostPoints))
    #expect(try steps(SeriesKey(lane: "x", branch: 1, Sample.loss), 1...9).isEmpty)
    archive.close()

    let run = try RecordedRun(directory: archive.directory)
    var cursor = run.events(after: .withSketches).cursor
    for first in [7, 8] {
      let request = PointsRequest(key, steps: first...(first + 1))
      let id = run.send(.points(request))
      let batch = run.events(after: cursor)
      let points = (first...(first + 1)).map { MetricPoint(step: $0, value: 1 / Float($0)) }
      #expect(batch.events == [.stretch(id, request, points)])
      cursor = batch.cursor
    }
    let other = try RunArchive.create(
      in: folder.path + "/runs", name: "other", time: 5000, files: [:], environment: [:])
    try other.write(RunBatch(events: [.started(Sample.run()), Sample.points(1...9)]), time: 0)
    let both = try CombinedRuns(directories: [archive.directory, other.directory])
    let lane = try #require(both.snapshot().lanes.first { $0.name == "digits:bnn" }?.name)
    let request = PointsRequest(SeriesKey(lane: lane, branch: 1, Sample.loss), steps: 3...3)
    cursor = both.events(after: .withSketches).cursor
    let id = both.send(.points(request))
    #expect(
      both.events(after: cursor).events == [.stretch(id, request, [MetricPoint(step: 3, value: 1 / 3)])])
  }

  @Test func aCheckpointWhoseFileIsGoneIsKnown() throws {
    let archive = try archive(points: 5)
    for step in [10, 20, 30] {
      let saved = try Sample.save(Sample.checkpoint(step), to: archive)
      try archive.write(RunBatch(events: [.checkpointed(saved)]), time: 0)
      if step == 20 { try FileManager.default.removeItem(atPath: archive.file(of: saved).path) }
    }
    func lost() throws -> [Int] { try RunArchive.outline(of: archive.directory).lostCheckpoints.map(\.step) }
    #expect(try lost() == [20])
    archive.close()
    // Opening the run removes the row, but the events still contain it.
    try RunArchive.open(directory: archive.directory).close()
    #expect(try lost() == [20])
    #expect(try RunArchive.history(of: archive.directory).lostCheckpoints.map(\.step) == [20])
  }
}
