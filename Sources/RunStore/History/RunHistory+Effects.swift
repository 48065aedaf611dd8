package import EngineProtocol
package import TrainingMetrics

extension RunHistory {
  /// Returns a series of the whole network along the current history of a lane; older points of long ones may be
  /// summarized.
  package func series(_ metric: Metric, of lane: RunLineage.Lane) -> MetricSeries {
    var joined = MetricSeries()
    for stretch in lane.lineage.course().reversed() {
      let own = curve(
        of: SeriesKey(lane: lane.description.name, branch: stretch.branch, MetricKey(metric)))
      let end = stretch.last == .max ? own.count : own.firstIndex(atOrAfter: stretch.last + 1)
      let first = own.firstIndex(atOrAfter: (joined.last?.step ?? -1) + 1)
      joined.append(first..<max(first, end), of: own)
    }
    return joined
  }

  /// Returns what changed around each edit of the current history of the lanes, by the edit. Edits without steps to compare
  /// are left out.
  package func effects() -> [(entry: JournalEntry, effect: StepEffect)] {
    lineage.lanes.flatMap { lane -> [(entry: JournalEntry, effect: StepEffect)] in
      let name = lane.description.name
      let course = lane.lineage.course()
      let edits = events.compactMap { recorded -> JournalEntry? in
        guard case .applied(_, let entry) = recorded.event, entry.lane == name, entry.change.isEdit,
          course.holds(branch: entry.branch, step: entry.step, isChange: true)
        else { return nil }
        return entry
      }
      guard !edits.isEmpty else { return [] }
      var known: [Metric: MetricSeries] = [:]
      for metric in [Metric.trainLoss, .validationLoss, .validationAccuracy, .flipRate] {
        known[metric] = series(metric, of: lane)
      }
      let first = lane.description.fork?.step ?? 0
      guard let last = known[.trainLoss]?.last?.step, first < last else { return [] }
      let epoch = snapshots.first { $0.name == name }?.stepsPerEpoch ?? last
      return edits.compactMap { entry in
        EffectWindows(around: entry.step, edits: edits.map(\.step), course: first...last, epoch: epoch).map { windows in
          let effect = StepEffect(windows, validationCount: description.validationCount) { known[$0] ?? MetricSeries() }
          return (entry, effect)
        }
      }
    }
  }
}
