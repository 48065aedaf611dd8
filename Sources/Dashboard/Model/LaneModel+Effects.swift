import EngineProtocol
package import TrainingMetrics

extension LaneModel {
  /// The edits of the current history.
  var edits: [JournalEntry] {
    journal.filter { $0.change.isEdit && history.holds(branch: $0.branch, step: $0.step, isChange: true) }
  }

  /// Returns whether something recorded in a branch at a step is part of the current history.
  func stands(branch: Int?, step: Int) -> Bool { branch.map { history.holds(branch: $0, step: step) } ?? true }

  /// Returns what changed around a step of the current history; nil if there are no steps to compare.
  /// - Parameter validationCount: number of validation images.
  package func effect(around step: Int, validationCount: Int) -> StepEffect? {
    guard let last = series[MetricKey(.trainLoss)]?.last?.step else { return nil }
    let first = description.fork?.step ?? 0
    guard first < last,
      let windows = EffectWindows(
        around: step, edits: edits.map(\.step), course: first...last, epoch: snapshot?.stepsPerEpoch ?? last)
    else { return nil }
    return StepEffect(windows, validationCount: validationCount) { series($0) }
  }
}
