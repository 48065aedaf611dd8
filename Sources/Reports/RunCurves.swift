import EngineProtocol
import RunStore
import TrainingMetrics

/// The curves of a run: of each lane the course that it took at last, and what rewinds left behind.
struct RunCurves: Sendable {
  /// The run.
  let history: RunHistory
  /// The lanes' names, forked ones included, in order.
  let lanes: [String]
  private let branches: [BranchKey: LaneBranch]

  /// More columns than this are not seen at the chart's width.
  private static let columns = 280

  /// The curves of a run.
  init(_ history: RunHistory) {
    self.history = history
    var names = history.description.lanes.map(\.name)
    var branches: [BranchKey: LaneBranch] = [:]
    for recorded in history.events {
      switch recorded.event {
      case .laneAdded(let lane): if !names.contains(lane.name) { names.append(lane.name) }
      case .branched(let branch): branches[BranchKey(lane: branch.lane, branch: branch.number)] = branch
      default: break
      }
    }
    self.lanes = names
    self.branches = branches
  }

  /// The greatest step of any point.
  var lastStep: Int { history.series.values.compactMap(\.last?.step).max() ?? 0 }

  /// The number of the branch in which a lane goes on.
  func newestBranch(of lane: String) -> Int { branches.keys.filter { $0.lane == lane }.map(\.branch).max() ?? 1 }

  /// The branches of the course that a lane took at last, each with the last step that belongs to the course.
  func course(of lane: String) -> [(branch: Int, lastStep: Int)] {
    var result: [(branch: Int, lastStep: Int)] = []
    var (branch, last) = (newestBranch(of: lane), Int.max)
    while true {
      result.insert((branch, last), at: 0)
      guard let beginning = branches[BranchKey(lane: lane, branch: branch)], beginning.parent < branch else {
        return result
      }
      (branch, last) = (beginning.parent, min(last, beginning.step))
    }
  }

  /// The lines of a metric of the whole network, of all lanes.
  func traces(_ metric: Metric) -> [SVGChart.Trace] {
    lanes.enumerated().flatMap { place, lane -> [SVGChart.Trace] in
      let course = course(of: lane)
      var main: [MetricPoint] = []
      for (branch, last) in course {
        main += points(metric, lane, branch).filter { $0.step <= last && $0.step > (main.last?.step ?? -1) }
      }
      let numbers = Set(history.series.keys.filter { $0.lane == lane && $0.key == MetricKey(metric) }.map(\.branch))
      let ghosts = numbers.sorted().compactMap { branch -> SVGChart.Trace? in
        let own = course.first { $0.branch == branch }
        // The step at which it was left belongs to both.
        let left = points(metric, lane, branch).filter { $0.step >= own?.lastStep ?? 0 }
        if own != nil, left.count < 2 { return nil }
        return SVGChart.Trace(lane: place, isGhost: true, samples: samples(left))
      }
      return ghosts + [SVGChart.Trace(lane: place, samples: samples(main))]
    }
    .filter { !$0.samples.isEmpty }
  }

  /// Where hyperparameters were changed on the courses that the lanes took at last.
  func markers() -> [SVGChart.Marker] {
    history.events.compactMap { recorded in
      guard case .applied(_, let entry) = recorded.event, case .set(let hyperparameter, _, let new) = entry.change,
        let place = lanes.firstIndex(of: entry.lane),
        course(of: entry.lane).contains(where: { $0.branch == entry.branch && entry.step < $0.lastStep })
      else { return nil }
      return SVGChart.Marker(
        lane: place, step: Double(entry.step), label: "\(hyperparameter.specification.title) \(new)")
    }
  }

  private func points(_ metric: Metric, _ lane: String, _ branch: Int) -> [MetricPoint] {
    history.series[SeriesKey(lane: lane, branch: branch, MetricKey(metric))] ?? []
  }

  private func samples(_ points: [MetricPoint]) -> [SVGChart.Sample] {
    // What was measured before the first update stands alone: in a column with others it would stretch their range.
    if let first = points.first, first.step == 0, points.count > Self.columns {
      let value = Double(first.value)
      return [SVGChart.Sample(step: 0, minimum: value, mean: value, maximum: value)]
        + samples(Array(points.drop { $0.step == 0 }))
    }
    guard points.count > Self.columns, let first = points.first, let last = points.last, first.step < last.step else {
      return points.map {
        let value = Double($0.value)
        return SVGChart.Sample(step: Double($0.step), minimum: value, mean: value, maximum: value)
      }
    }
    var series = MetricSeries()
    series.append(contentsOf: points)
    let (lower, upper) = (Double(first.step), Double(last.step))
    let width = (upper - lower) / Double(Self.columns)
    return series.columns(Self.columns, over: lower...upper).enumerated().compactMap { column, bucket in
      if bucket.isEmpty { return nil }
      let mean = bucket.mean ?? .nan
      return SVGChart.Sample(
        step: lower + (Double(column) + 0.5) * width, minimum: Double(bucket.minimum), mean: mean,
        maximum: Double(bucket.maximum))
    }
  }
}
