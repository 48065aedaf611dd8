import EngineProtocol
import Foundation
import RunStore
import Synchronization
import TrainingMetrics

/// The measurements and the state of a lane, written by the lane's thread and read by any thread.
///
/// The lane never waits for a reader longer than it takes to copy what is new. In a recorded run only the newest points
/// stay in memory, together with a summary of the older ones, which are in the run's directory.
final class LaneRecord: Sendable {
  /// What is new for a reader of a series.
  enum News {
    /// The next points, and whether there are no more.
    case points([MetricPoint], isWhole: Bool)
    /// All points, with the older ones summarized.
    case sketch(MetricSeries)
    /// A number of points that are only in the run's directory, after the first `offset` ones behind a step.
    case stored(step: Int, offset: Int, count: Int)
  }

  private struct Series {
    /// A summary of the first points, which is brought up to date on demand.
    var sketch = MetricSeries()
    /// The points from index `base` on.
    var points: [MetricPoint] = []
    var base = 0
    var count: Int { base + points.count }

    mutating func summarize() {
      sketch.append(contentsOf: points[(sketch.pointCount - base)...])
      sketch.coarsen()
    }

    /// Returns what is new for a reader that has read some of the points.
    func news(after read: Int, mostPoints: Int, asSketch: Bool) -> News {
      if asSketch { return .sketch(sketch) }
      guard read >= base else {
        let place = sketch.location(ofPoint: read)
        return .stored(step: place.step, offset: place.offset, count: min(mostPoints, base - read))
      }
      let new = points[(read - base)...].prefix(mostPoints)
      return .points(Array(new), isWhole: read + new.count == count)
    }

    /// Removes the first `number` points, keeping their summary.
    mutating func forget(_ number: Int) {
      guard number > 0 else { return }
      summarize()
      points.removeFirst(number)
      base += number
    }
  }

  // The series by their keys. Updates append to the same series in the same order, so each is first sought where it was
  // found for the last update.
  private struct SeriesTable {
    private var keys: [MetricKey] = []
    private var all: [Series] = []
    private var places: [MetricKey: Int] = [:]
    private var lastPlaces: [Int] = []

    var entries: Zip2Sequence<[MetricKey], [Series]> { zip(keys, all) }

    subscript(key: MetricKey) -> Series? { places[key].map { all[$0] } }

    /// Calls `body` with a series, which is added if it is new.
    mutating func change<Result>(_ key: MetricKey, _ body: (inout Series) -> Result) -> Result {
      body(&all[place(of: key)])
    }

    mutating func append(_ values: [(MetricKey, Float)], step: Int) {
      if lastPlaces.count < values.count { lastPlaces += Array(repeating: 0, count: values.count - lastPlaces.count) }
      for (index, (key, value)) in values.enumerated() {
        var place = lastPlaces[index]
        if place >= keys.count || keys[place] != key {
          place = self.place(of: key)
          lastPlaces[index] = place
        }
        all[place].points.append(MetricPoint(step: step, value: value))
      }
    }

    private mutating func place(of key: MetricKey) -> Int {
      if let place = places[key] { return place }
      places[key] = all.count
      keys.append(key)
      all.append(Series())
      return all.count - 1
    }
  }

  private struct Branch {
    var series = SeriesTable()
    /// The times from index `timesBase` on.
    var times: [StepTime] = []
    var timesBase = 0

    mutating func append(_ values: [(MetricKey, Float)], step: Int, time: Double) {
      series.append(values, step: step)
      if times.last?.step != step { times.append(StepTime(step: step, time: time)) }
    }
  }

  /// Number of points of a series that stay in memory besides the run's directory.
  private static let keptPoints = 1 << 16
  // A shorter history is sent point by point.
  private static let fewPoints = 8192

  private let name: String
  private let branches = Mutex<[Int: Branch]>([:])
  private let latest: Mutex<LaneSnapshot>

  init(_ snapshot: LaneSnapshot) {
    name = snapshot.name
    latest = Mutex(snapshot)
  }

  /// The lane's state.
  var snapshot: LaneSnapshot { latest.withLock { $0 } }

  /// Replaces the lane's state.
  func publish(_ snapshot: LaneSnapshot) { latest.withLock { $0 = snapshot } }

  /// Appends a value at `step` to each series of a branch.
  func append(_ values: [(MetricKey, Float)], step: Int, branch: Int) {
    let now = Date().timeIntervalSince1970
    branches.withLock { $0[branch, default: Branch()].append(values, step: step, time: now) }
  }

  /// Restores the lane's history from a run's directory.
  func restore(_ history: RunHistory) {
    branches.withLock { branches in
      for (key, points) in history.series where key.lane == name {
        branches[key.branch, default: Branch()].series.change(key.key) { $0 = Series(points: points) }
      }
      for (key, sketch) in history.sketches where key.lane == name {
        branches[key.branch, default: Branch()].series.change(key.key) {
          $0 =
            sketch.isCoarse
            ? Series(sketch: sketch, base: sketch.pointCount) : Series(points: sketch.points)
        }
      }
      for (key, times) in history.times where key.lane == name {
        branches[key.branch, default: Branch()].times = times
      }
    }
  }

  /// Returns what is new in each series after `cursor`.
  /// - Parameter mostPoints: maximum number of points per series.
  func news(after cursor: EventCursor, mostPoints: Int) -> [(SeriesKey, News)] {
    branches.withLock { branches in
      var news: [(SeriesKey, News)] = []
      for number in branches.keys.sorted() {
        for (metric, series) in branches[number]?.series.entries ?? zip([], []) {
          let key = SeriesKey(lane: name, branch: number, metric)
          let read = cursor.pointCounts[key] ?? 0
          guard read < series.count else { continue }
          let takesSketch = cursor.takesSketches && series.count > Self.fewPoints && (read == 0 || read < series.base)
          if takesSketch { branches[number]?.series.change(metric) { $0.summarize() } }
          let present = takesSketch ? branches[number]?.series[metric] ?? series : series
          news.append((key, present.news(after: read, mostPoints: mostPoints, asSketch: takesSketch)))
        }
      }
      return news
    }
  }

  /// Returns the points in memory of a series within a range of steps, and whether these are all.
  func points(_ request: PointsRequest) -> (points: [MetricPoint], isWhole: Bool) {
    branches.withLock { branches in
      guard let series = branches[request.branch]?.series[request.key.key] else { return ([], true) }
      let isWhole = series.base == 0 || series.points.first.map { $0.step < request.first } ?? false
      return (series.points.filter { (request.first...request.last).contains($0.step) }, isWhole)
    }
  }

  /// The last step of a branch with a training loss; 0 if there is none.
  func lastStep(of branch: Int) -> Int {
    branches.withLock { branches in
      let series = branches[branch]?.series[MetricKey(.trainLoss)]
      return (series?.points.last ?? series?.sketch.last)?.step ?? 0
    }
  }

  /// Number of points of each series.
  var pointCounts: [SeriesKey: Int] {
    branches.withLock { branches in
      var counts: [SeriesKey: Int] = [:]
      for (number, branch) in branches {
        for (key, series) in branch.series.entries {
          counts[SeriesKey(lane: name, branch: number, key)] = series.count
        }
      }
      return counts
    }
  }

  /// Returns the summary of each long series.
  func sketches() -> [SeriesKey: MetricSeries] {
    branches.withLock { branches in
      var sketches: [SeriesKey: MetricSeries] = [:]
      for (number, branch) in branches {
        for (key, series) in branch.series.entries where series.count > Self.fewPoints {
          branches[number]?.series.change(key) { $0.summarize() }
          sketches[SeriesKey(lane: name, branch: number, key)] = branches[number]?.series[key]?.sketch
        }
      }
      return sketches
    }
  }

  /// Removes from memory what is in the run's directory, except for the newest.
  /// - Parameters:
  ///   - points: number of stored points of each series.
  ///   - times: number of stored times of each branch.
  func forget(points: [SeriesKey: Int], times: [BranchKey: Int]) {
    branches.withLock { branches in
      for (number, branch) in branches {
        for (key, series) in branch.series.entries where series.points.count > 2 * Self.keptPoints {
          let written = points[SeriesKey(lane: name, branch: number, key)] ?? 0
          branches[number]?.series.change(key) {
            $0.forget(min(written - series.base, series.points.count - Self.keptPoints))
          }
        }
        // The last time is needed when the next one arrives.
        let written = (times[BranchKey(lane: name, branch: number)] ?? 0) - branch.timesBase
        let superfluous = min(written, branch.times.count) - 1
        guard superfluous > Self.keptPoints else { continue }
        branches[number]?.times.removeFirst(superfluous)
        branches[number]?.timesBase += superfluous
      }
    }
  }

  /// Returns the times of the steps after the first `counts` ones of each branch.
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
