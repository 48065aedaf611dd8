import EngineProtocol
import RunStore
import TrainingMetrics

/// The curves of a run: the current history of each lane, and what rewinds have undone.
struct RunCurves: Sendable {
  /// The run.
  let history: RunHistory
  /// The names of the lanes, including forked ones, in order.
  let lanes: [String]
  private let lineage: RunLineage

  /// More columns would not be visible at the chart's width.
  private static let columns = 280

  /// The curves of a run.
  init(_ history: RunHistory) {
    self.history = history
    lineage = history.lineage
    lanes = lineage.lanes.map(\.description.name)
  }

  /// The last step of any point.
  var lastStep: Int { history.orderedSeries.compactMap { history.curve(of: $0).last?.step }.max() ?? 0 }

  /// Returns the number of a lane's current branch.
  func newestBranch(of lane: String) -> Int { lineage.lane(lane)?.branch ?? 1 }

  /// Returns the curves of a metric of the whole network, for all lanes.
  func traces(_ metric: Metric) -> [SVGChart.Trace] {
    lanes.enumerated().flatMap { place, lane -> [SVGChart.Trace] in
      let course = course(of: lane)
      let main = lineage.lane(lane).map { history.series(metric, of: $0) } ?? MetricSeries()
      let ghosts = lineage.lane(lane)?.lineage.numbers.compactMap { branch -> SVGChart.Trace? in
        let own = curve(metric, lane, branch)
        let stretch = course.first { $0.branch == branch }
        // The last step before the rewind belongs to both.
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

  /// Returns marks of the hyperparameter changes and notes in the current history of the lanes.
  func markers() -> [SVGChart.Marker] {
    history.events.compactMap { recorded in
      guard case .applied(_, let entry) = recorded.event, let place = lanes.firstIndex(of: entry.lane) else {
        return nil
      }
      let label: String
      switch entry.change {
      case .set(let hyperparameter, _, let new): label = "\(hyperparameter.specification.title) \(new)"
      case .noted: label = entry.change.words
      default: return nil
      }
      guard course(of: entry.lane).holds(branch: entry.branch, step: entry.step, isChange: entry.change.isEdit) else {
        return nil
      }
      return SVGChart.Marker(lane: place, step: Double(entry.step), label: label)
    }
  }

  private func course(of lane: String) -> [LaneLineage.Stretch] {
    (lineage.lane(lane)?.lineage ?? LaneLineage()).course()
  }

  private func curve(_ metric: Metric, _ lane: String, _ branch: Int) -> MetricSeries {
    history.curve(of: SeriesKey(lane: lane, branch: branch, MetricKey(metric)))
  }

  private func samples(_ series: MetricSeries) -> [SVGChart.Sample] {
    // The value before the first update has a column of its own, because it would extend the range of others.
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
