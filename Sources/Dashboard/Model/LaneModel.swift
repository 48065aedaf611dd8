package import EngineProtocol
package import TrainingMetrics

/// The dashboard's state of one lane.
package struct LaneModel: Sendable {
  /// The lane's description, which does not change.
  package let description: RunDescription.Lane
  /// The newest snapshot; nil before the first.
  package internal(set) var snapshot: LaneSnapshot?
  /// The lane's branches.
  package private(set) var history: LaneHistory
  /// The existing checkpoints, in the order in which they were written.
  package private(set) var checkpoints: [Checkpoint] = []
  /// The changes that took effect in this lane, in order, which its charts mark.
  package internal(set) var journal: [JournalEntry] = []
  /// The lane's result; nil until it has ended.
  package internal(set) var result: LaneResult?

  /// Why no engine currently reports the lane.
  package enum Absence: Hashable, Sendable {
    /// The engine has died.
    case lost
    /// The run was suspended.
    case suspended
    /// Another engine is about to resume it.
    case resuming
  }

  /// Why no engine currently reports the lane; nil if one does.
  package internal(set) var absence: Absence?

  /// A lane with a description only.
  /// - Parameter before: the lane's state under the previous engine.
  package init(_ description: RunDescription.Lane, as before: LaneModel? = nil) {
    self.description = description
    history = LaneHistory(lane: description.name)
    (snapshot, absence) = (before?.snapshot, before?.absence)
  }

  /// The lane's name.
  package var name: String { description.name }

  /// Every metric series of the current history; older points of long ones are summarized.
  package var series: [MetricKey: MetricSeries] { history.curves.series }

  /// The epochs of the current history in order, starting with the report before the first step.
  package var reports: [EpochReport] { history.curves.reports }

  /// The layers' figures at the ends of epochs of the current history.
  package var diagnostics: [EpochDiagnostics] { history.curves.diagnostics }

  /// Validation accuracy with latent weights instead of their signs, one point per epoch; empty if not measured.
  package var latentAccuracy: MetricSeries { history.curves.latentAccuracy }

  /// The curves that rewinds have undone, oldest first.
  package var ghosts: [LaneCurves] { history.ghosts }

  /// The series of `metric`; empty if nothing was received.
  package func series(_ metric: Metric, layer: String? = nil) -> MetricSeries {
    series[MetricKey(metric, layer: layer)] ?? MetricSeries()
  }

  /// The newest value of a metric for display; nil for the loss of the untrained network, which says nothing about the
  /// training.
  func figure(_ metric: Metric) -> Double? {
    if metric == .validationLoss, reports.last?.step == 0 { return nil }
    return latest(metric).map(Double.init)
  }

  /// The newest value of a metric of the whole network, from the snapshot or the last received point.
  package func latest(_ metric: Metric) -> Float? {
    snapshot?.latest[metric] ?? series[MetricKey(metric)]?.last?.value
  }

  /// The newest step of the current history, from the snapshot or the training losses.
  package var step: Int {
    // A snapshot from before a rewind belongs to an undone branch.
    let known = snapshot.map { $0.branch < history.branch.number ? 0 : $0.step } ?? 0
    let first = history.branchCount > 1 ? history.branch.step : description.fork?.step ?? 0
    return max(known, first, series[MetricKey(.trainLoss)]?.last?.step ?? 0)
  }

  /// The newest step of anything drawn, including undone branches.
  package var lastDrawnStep: Int { max(step, history.ghostStep) }

  /// The lane's state, derived from its result if there is one.
  package var state: LaneSnapshot.State {
    if let failure = result?.failure { return .failed(failure) }
    if let state = snapshot?.state, state.hasEnded || result == nil { return state }
    return result == nil ? .training : (result?.wasStopped == true ? .stopped : .finished)
  }

  /// Whether an error has ended the lane.
  package var hasFailed: Bool { if case .failed = state { true } else { false } }

  /// The best validation accuracy so far, 0...1, with its epoch. During training it is nil before the first epoch has
  /// ended, because the untrained network's accuracy depends on the initial running statistics.
  package var best: LaneSnapshot.Best? {
    if let result, let accuracy = result.bestValidationAccuracy, let epoch = result.bestEpoch {
      return .init(accuracy: accuracy, epoch: epoch)
    }
    if let best = snapshot?.best { return best.epoch > 0 ? best : nil }
    return reports.max { $0.validationAccuracy < $1.validationAccuracy }
      .map { .init(accuracy: $0.validationAccuracy, epoch: $0.epoch) }
  }

  /// Accuracy on the test set with the weights of the best validation; nil until it is known.
  package var testAccuracy: Double? { result?.testAccuracy ?? snapshot?.testAccuracy }

  /// The current value of a hyperparameter; nil if the lane does not have it.
  package func value(of hyperparameter: Hyperparameter) -> HyperparameterValue? {
    snapshot?.hyperparameters.first { $0.hyperparameter == hyperparameter }?.value
  }

  /// The average time of an update in milliseconds; nil before the first.
  package var millisecondsPerStep: Double? {
    guard let snapshot, snapshot.step > 0, snapshot.trainingSeconds > 0 else { return nil }
    return snapshot.trainingSeconds / Double(snapshot.step) * 1000
  }

  /// Estimated remaining seconds of training; nil before the first update, 0 after the end.
  package var secondsLeft: Double? {
    if state.hasEnded { return 0 }
    guard let snapshot, snapshot.epoch > 0.01, snapshot.trainingSeconds > 0 else { return nil }
    return max(0, Double(snapshot.epochs) - snapshot.epoch) * snapshot.trainingSeconds / snapshot.epoch
  }

  /// The fraction of the lane's epochs that is done, 0...1.
  package var progress: Double {
    guard let snapshot, snapshot.epochs > 0, snapshot.epoch.isFinite else { return 0 }
    return min(1, max(0, snapshot.epoch / Double(snapshot.epochs)))
  }

  /// The newest checkpoint at or before a step, preferably of the current history.
  package func checkpoint(atOrBefore step: Int) -> Checkpoint? {
    let before = checkpoints.filter { $0.step <= step }
    let standing = before.filter { history.holds(branch: $0.branch, step: $0.step) }
    return (standing.isEmpty ? before : standing).max { ($0.step, $0.branch) < ($1.step, $1.branch) }
  }

  /// The checkpoint at a step, preferably of the newest branch.
  package func checkpoint(at step: Int) -> Checkpoint? {
    checkpoints.filter { $0.step == step }.max { $0.branch < $1.branch }
  }

  // MARK: Updates

  /// Adds an epoch.
  mutating func append(_ report: EpochReport) { history.append(report) }

  /// Adds the layers' figures at the end of an epoch.
  mutating func append(_ report: LayerReport) { history.append(report) }

  /// Adds points to a series of a branch.
  mutating func append(_ points: [MetricPoint], to key: MetricKey, branch: Int) {
    history.append(points, to: key, branch: branch)
  }

  /// Replaces a series of a branch by a summarized one.
  mutating func replace(_ key: MetricKey, branch: Int, with series: MetricSeries) {
    history.replace(key, branch: branch, with: series)
  }

  /// Replaces summaries by their points.
  mutating func refine(_ request: PointsRequest, with points: [MetricPoint]) { history.refine(request, with: points) }

  /// Continues in a new branch. An earlier result is no longer valid.
  mutating func begin(_ branch: LaneBranch) {
    history.begin(branch)
    result = nil
  }

  /// Rebuilds the curves after all points of a batch were added.
  mutating func settle() { history.settle() }

  /// Adds a checkpoint, replacing one of the same branch and step.
  mutating func add(_ checkpoint: Checkpoint) {
    removeCheckpoint(branch: checkpoint.branch, step: checkpoint.step)
    checkpoints.append(checkpoint)
  }

  /// Removes a checkpoint.
  mutating func removeCheckpoint(branch: Int, step: Int) {
    checkpoints.removeAll { $0.branch == branch && $0.step == step }
  }
}
