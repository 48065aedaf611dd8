import EngineProtocol
import Foundation
import RunStore
import Synchronization
import TrainingMetrics

/// What a lane has measured and how it stands: written by the lane's thread, read by anyone.
///
/// The lane waits for no reader longer than it takes to copy what is new. Of a recorded run only the newest points are
/// kept as they are: those before are in the run's directory, and a summary of them is here.
final class LaneRecord: Sendable {
  /// What a reader of a series lacks.
  enum News {
    /// The points that come next, and whether there are more.
    case points([MetricPoint], isWhole: Bool)
    /// All points, the older ones summed up.
    case sketch(MetricSeries)
    /// So many points that are in the run's directory alone, after the first `offset` ones behind a step.
    case stored(step: Int, offset: Int, count: Int)
  }

  private struct Series {
    /// The summary of the first points, as many as it has; brought up to date when it is asked for.
    var sketch = MetricSeries()
    /// The points from number `base` on.
    var points: [MetricPoint] = []
    var base = 0
    var count: Int { base + points.count }

    mutating func summarize() {
      sketch.append(contentsOf: points[(sketch.pointCount - base)...])
      sketch.coarsen()
    }

    /// What a reader lacks that has read fewer points than there are.
    func news(after read: Int, mostPoints: Int, asSketch: Bool) -> News {
      if asSketch { return .sketch(sketch) }
      guard read >= base else {
        let place = sketch.location(ofPoint: read)
        return .stored(step: place.step, offset: place.offset, count: min(mostPoints, base - read))
      }
      let new = points[(read - base)...].prefix(mostPoints)
      return .points(Array(new), isWhole: read + new.count == count)
    }

    /// Keeps the summary alone of the first `number` points.
    mutating func forget(_ number: Int) {
      guard number > 0 else { return }
      summarize()
      points.removeFirst(number)
      base += number
    }
  }

  private struct Branch {
    var series: [MetricKey: Series] = [:]
    /// The times from number `timesBase` on.
    var times: [StepTime] = []
    var timesBase = 0
  }

  /// So many points of a series are kept beside what is in the run's directory.
  private static let keptPoints = 1 << 16
  // A shorter history is told point by point.
  private static let fewPoints = 8192

  private let name: String
  private let branches = Mutex<[Int: Branch]>([:])
  private let latest: Mutex<LaneSnapshot>

  init(_ snapshot: LaneSnapshot) {
    name = snapshot.name
    latest = Mutex(snapshot)
  }

  /// How the lane stands.
  var snapshot: LaneSnapshot { latest.withLock { $0 } }

  /// Replaces how the lane stands.
  func publish(_ snapshot: LaneSnapshot) { latest.withLock { $0 = snapshot } }

  /// Appends a value at `step` to each of a branch's series.
  func append(_ values: [(MetricKey, Float)], step: Int, branch: Int) {
    let now = Date().timeIntervalSince1970
    branches.withLock { branches in
      for (key, value) in values {
        branches[branch, default: Branch()].series[key, default: Series()].points.append(
          MetricPoint(step: step, value: value))
      }
      if branches[branch]?.times.last?.step != step {
        branches[branch, default: Branch()].times.append(StepTime(step: step, time: now))
      }
    }
  }

  /// Takes in what a run's directory holds of the lane.
  func restore(_ history: RunHistory) {
    branches.withLock { branches in
      for (key, points) in history.series where key.lane == name {
        branches[key.branch, default: Branch()].series[key.key] = Series(points: points)
      }
      for (key, sketch) in history.sketches where key.lane == name {
        branches[key.branch, default: Branch()].series[key.key] =
          sketch.isCoarse
          ? Series(sketch: sketch, base: sketch.pointCount) : Series(points: sketch.points)
      }
      for (key, times) in history.times where key.lane == name {
        branches[key.branch, default: Branch()].times = times
      }
    }
  }

  /// What a reader of each series lacks after `cursor`.
  /// - Parameter mostPoints: so many points of a series are told at once.
  func news(after cursor: EventCursor, mostPoints: Int) -> [(SeriesKey, News)] {
    branches.withLock { branches in
      var news: [(SeriesKey, News)] = []
      for number in branches.keys.sorted() {
        for (metric, series) in branches[number]?.series ?? [:] {
          let key = SeriesKey(lane: name, branch: number, metric)
          let read = cursor.pointCounts[key] ?? 0
          guard read < series.count else { continue }
          let takesSketch = cursor.takesSketches && series.count > Self.fewPoints && (read == 0 || read < series.base)
          if takesSketch { branches[number]?.series[metric]?.summarize() }
          let present = takesSketch ? branches[number]?.series[metric] ?? series : series
          news.append((key, present.news(after: read, mostPoints: mostPoints, asSketch: takesSketch)))
        }
      }
      return news
    }
  }

  /// The points in memory of a series within some steps, and whether there are no others.
  func points(_ request: PointsRequest) -> (points: [MetricPoint], isWhole: Bool) {
    branches.withLock { branches in
      guard let series = branches[request.branch]?.series[request.key.key] else { return ([], true) }
      let isWhole = series.base == 0 || series.points.first.map { $0.step < request.first } ?? false
      return (series.points.filter { (request.first...request.last).contains($0.step) }, isWhole)
    }
  }

  /// How many points each series has.
  var pointCounts: [SeriesKey: Int] {
    branches.withLock { branches in
      var counts: [SeriesKey: Int] = [:]
      for (number, branch) in branches {
        for (key, series) in branch.series {
          counts[SeriesKey(lane: name, branch: number, key)] = series.count
        }
      }
      return counts
    }
  }

  /// The summary of each long series.
  func sketches() -> [SeriesKey: MetricSeries] {
    branches.withLock { branches in
      var sketches: [SeriesKey: MetricSeries] = [:]
      for (number, branch) in branches {
        for (key, series) in branch.series where series.count > Self.fewPoints {
          branches[number]?.series[key]?.summarize()
          sketches[SeriesKey(lane: name, branch: number, key)] = branches[number]?.series[key]?.sketch
        }
      }
      return sketches
    }
  }

  /// Forgets what is in the run's directory, but the newest.
  /// - Parameters:
  ///   - points: how many of each series are there.
  ///   - times: how many of each branch.
  func forget(points: [SeriesKey: Int], times: [BranchKey: Int]) {
    branches.withLock { branches in
      for (number, branch) in branches {
        for (key, series) in branch.series where series.points.count > 2 * Self.keptPoints {
          let written = points[SeriesKey(lane: name, branch: number, key)] ?? 0
          branches[number]?.series[key]?.forget(min(written - series.base, series.points.count - Self.keptPoints))
        }
        // The last one is looked at when the next comes.
        let written = (times[BranchKey(lane: name, branch: number)] ?? 0) - branch.timesBase
        let superfluous = min(written, branch.times.count) - 1
        guard superfluous > Self.keptPoints else { continue }
        branches[number]?.times.removeFirst(superfluous)
        branches[number]?.timesBase += superfluous
      }
    }
  }

  /// The times of the steps after the first `counts` ones of each branch.
  func times(after counts: [BranchKey: Int]) -> [BranchKey: [StepTime]] {
    branches.withLock { branches in
      var new: [BranchKey: [StepTime]] = [:]
      for (number, branch) in branches {
        let key = BranchKey(lane: name, branch: number)
        let read = max(0, min(branch.times.count, (counts[key] ?? 0) - branch.timesBase))
        if read < branch.times.count { new[key] = Array(branch.times[read...]) }
      }
      return new
    }
  }
}
