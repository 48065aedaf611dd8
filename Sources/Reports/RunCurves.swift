import EngineProtocol
import RunStore
import TrainingMetrics

/// The curves of a run: of each lane its present course, and what rewinds have left behind.
struct RunCurves: Sendable {
  /// The run.
  let history: RunHistory
  /// The lanes' names, forked ones included, in order.
  let lanes: [String]
  private let lineage: RunLineage

  /// More columns than this are not seen at the chart's width.
  private static let columns = 280

  /// The curves of a run.
  init(_ history: RunHistory) {
    self.history = history
    lineage = history.lineage
    lanes = lineage.lanes.map(\.description.name)
  }

  /// The greatest step of any point.
  var lastStep: Int { history.orderedSeries.compactMap { history.curve(of: $0).last?.step }.max() ?? 0 }

  /// The number of the branch in which a lane goes on.
  func newestBranch(of lane: String) -> Int { lineage.lane(lane)?.branch ?? 1 }

  /// The lines of a metric of the whole network, of all lanes.
  func traces(_ metric: Metric) -> [SVGChart.Trace] {
    lanes.enumerated().flatMap { place, lane -> [SVGChart.Trace] in
      let course = course(of: lane)
      var main = MetricSeries()
      for stretch in course.reversed() {
        let own = curve(metric, lane, stretch.branch)
        let end = stretch.last == .max ? own.count : own.firstIndex(atOrAfter: stretch.last + 1)
        let first = own.firstIndex(atOrAfter: (main.last?.step ?? -1) + 1)
        main.append(first..<max(first, end), of: own)
      }
      let ghosts = lineage.lane(lane)?.lineage.numbers.compactMap { branch -> SVGChart.Trace? in
        let own = curve(metric, lane, branch)
        let stretch = course.first { $0.branch == branch }
        // The step at which it was left belongs to both.
        let first = own.firstIndex(atOrAfter: stretch?.last ?? 0)
        if stretch != nil, own.count - first < 2 { return nil }
        var left = MetricSeries()
        left.append(first..<own.count, of: own)
        return SVGChart.Trace(lane: place, isGhost: true, samples: samples(left))
      }
      return (ghosts ?? []) + [SVGChart.Trace(lane: place, samples: samples(main))]
    }
    .filter { !$0.samples.isEmpty }
  }

  /// Where hyperparameters were changed on the courses that the lanes took at last.
  func markers() -> [SVGChart.Marker] {
    history.events.compactMap { recorded in
      guard case .applied(_, let entry) = recorded.event, case .set(let hyperparameter, _, let new) = entry.change,
        let place = lanes.firstIndex(of: entry.lane),
        course(of: entry.lane).holds(branch: entry.branch, step: entry.step, isChange: true)
      else { return nil }
      return SVGChart.Marker(
        lane: place, step: Double(entry.step), label: "\(hyperparameter.specification.title) \(new)")
    }
  }

  private func course(of lane: String) -> [LaneLineage.Stretch] {
    (lineage.lane(lane)?.lineage ?? LaneLineage()).course()
  }

  private func curve(_ metric: Metric, _ lane: String, _ branch: Int) -> MetricSeries {
    history.curve(of: SeriesKey(lane: lane, branch: branch, MetricKey(metric)))
  }

  private func samples(_ series: MetricSeries) -> [SVGChart.Sample] {
    // What was measured before the first update stands alone: in a column with others it would stretch their range.
    if let first = series.points.first, first.step == 0, series.count > Self.columns {
      var rest = MetricSeries()
      rest.append(series.firstIndex(atOrAfter: 1)..<series.count, of: series)
      return [sample(series.bucket(at: 0), at: 0)] + samples(rest)
    }
    guard series.count > Self.columns, let first = series.points.first, let last = series.last, first.step < last.step
    else { return series.points.indices.map { sample(series.bucket(at: $0), at: Double(series.points[$0].step)) } }
    let (lower, upper) = (Double(first.step), Double(last.step))
    let width = (upper - lower) / Double(Self.columns)
    return series.columns(Self.columns, over: lower...upper).enumerated().compactMap { column, bucket in
      bucket.isEmpty ? nil : sample(bucket, at: lower + (Double(column) + 0.5) * width)
    }
  }

  private func sample(_ bucket: MetricBucket, at step: Double) -> SVGChart.Sample {
    SVGChart.Sample(
      step: step, minimum: Double(bucket.minimum), mean: bucket.mean ?? .nan, maximum: Double(bucket.maximum))
  }
}
