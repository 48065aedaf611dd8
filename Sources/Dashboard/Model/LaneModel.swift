package import EngineProtocol
package import TrainingMetrics

/// All that the dashboard knows of one lane.
package struct LaneModel: Sendable {
  /// What does not change while the lane trains.
  package let description: RunDescription.Lane
  /// How the lane stands; nil before its first snapshot.
  package internal(set) var snapshot: LaneSnapshot?
  /// The courses that the lane has taken.
  package private(set) var history: LaneHistory
  /// The checkpoints that can be gone back to, in the order in which they were written.
  package private(set) var checkpoints: [Checkpoint] = []
  /// The changes that took effect in this lane, in order: the marks on its charts.
  package internal(set) var journal: [JournalEntry] = []
  /// What the lane came to; nil until it has ended.
  package internal(set) var result: LaneResult?

  /// Why no engine tells of the lane at the moment.
  package enum Absence: Hashable, Sendable {
    /// The engine has died.
    case lost
    /// The run was suspended.
    case suspended
    /// Another engine is about to go on with it.
    case resuming
  }

  /// Why no engine tells of the lane at the moment; nil while one does.
  package internal(set) var absence: Absence?

  /// A lane of which only the description is known.
  /// - Parameter before: how it stood under the engine before this one.
  package init(_ description: RunDescription.Lane, as before: LaneModel? = nil) {
    self.description = description
    history = LaneHistory(lane: description.name)
    (snapshot, absence) = (before?.snapshot, before?.absence)
  }

  /// The lane's name.
  package var name: String { description.name }

  /// Every metric series of the present course from its beginning on, the older points of a long one summed up.
  package var series: [MetricKey: MetricSeries] { history.curves.series }

  /// The epochs of the present course in order, from the report before the first step on.
  package var reports: [EpochReport] { history.curves.reports }

  /// Validation accuracy with the latent weights in place of their signs, a point each epoch; empty where there is none.
  package var latentAccuracy: MetricSeries { history.curves.latentAccuracy }

  /// The curves that rewinds have left behind, the oldest first.
  package var ghosts: [LaneCurves] { history.ghosts }

  /// The series of `metric`, empty where nothing was received.
  package func series(_ metric: Metric, layer: String? = nil) -> MetricSeries {
    series[MetricKey(metric, layer: layer)] ?? MetricSeries()
  }

  /// The newest value of a metric, to be shown; nil also for the loss of the untrained network, which says nothing about
  /// the training.
  func figure(_ metric: Metric) -> Double? {
    if metric == .validationLoss, reports.last?.step == 0 { return nil }
    return latest(metric).map(Double.init)
  }

  /// The newest value of a figure of the whole network: the snapshot's, or the last point received.
  package func latest(_ metric: Metric) -> Float? {
    snapshot?.latest[metric] ?? series[MetricKey(metric)]?.last?.value
  }

  /// The newest step known from the snapshot or any training loss, of the present course.
  package var step: Int {
    // A snapshot from before a rewind tells of the course left behind.
    let known = snapshot.map { $0.branch < history.branch.number ? 0 : $0.step } ?? 0
    let first = history.branchCount > 1 ? history.branch.step : description.fork?.step ?? 0
    return max(known, first, series[MetricKey(.trainLoss)]?.last?.step ?? 0)
  }

  /// The newest step of anything drawn: of the present course, or of one left behind.
  package var lastDrawnStep: Int { max(step, history.ghostStep) }

  /// What the lane is doing, after its result where there is one.
  package var state: LaneSnapshot.State {
    if let failure = result?.failure { return .failed(failure) }
    if let state = snapshot?.state, state.hasEnded || result == nil { return state }
    return result == nil ? .training : (result?.wasStopped == true ? .stopped : .finished)
  }

  /// Whether an error has ended the lane.
  package var hasFailed: Bool { if case .failed = state { true } else { false } }

  /// The best validation accuracy so far, 0...1, with its epoch; while a lane trains, nil before its first epoch has ended:
  /// the untrained network is measured with the running statistics it starts with here, with those of a few batches elsewhere.
  package var best: LaneSnapshot.Best? {
    if let result, let accuracy = result.bestValidationAccuracy, let epoch = result.bestEpoch {
      return .init(accuracy: accuracy, epoch: epoch)
    }
    if let best = snapshot?.best { return best.epoch > 0 ? best : nil }
    return reports.max { $0.validationAccuracy < $1.validationAccuracy }
      .map { .init(accuracy: $0.validationAccuracy, epoch: $0.epoch) }
  }

  /// Accuracy on the test set with the weights of the best validation, once it is known.
  package var testAccuracy: Double? { result?.testAccuracy ?? snapshot?.testAccuracy }

  /// The present value of a hyperparameter, nil where the lane does not have it.
  package func value(of hyperparameter: Hyperparameter) -> HyperparameterValue? {
    snapshot?.hyperparameters.first { $0.hyperparameter == hyperparameter }?.value
  }

  /// Milliseconds an update has taken on average; nil before the first.
  package var millisecondsPerStep: Double? {
    guard let snapshot, snapshot.step > 0, snapshot.trainingSeconds > 0 else { return nil }
    return snapshot.trainingSeconds / Double(snapshot.step) * 1000
  }

  /// Seconds of training left at the lane's pace so far; nil before it has one, 0 when it has ended.
  package var secondsLeft: Double? {
    if state.hasEnded { return 0 }
    guard let snapshot, snapshot.epoch > 0.01, snapshot.trainingSeconds > 0 else { return nil }
    return max(0, Double(snapshot.epochs) - snapshot.epoch) * snapshot.trainingSeconds / snapshot.epoch
  }

  /// The part of the lane's epochs that is done, 0...1.
  package var progress: Double {
    guard let snapshot, snapshot.epochs > 0, snapshot.epoch.isFinite else { return 0 }
    return min(1, max(0, snapshot.epoch / Double(snapshot.epochs)))
  }

  /// The newest checkpoint at or before a step, on the present course first.
  package func checkpoint(atOrBefore step: Int) -> Checkpoint? {
    let before = checkpoints.filter { $0.step <= step }
    let standing = before.filter { history.holds(branch: $0.branch, step: $0.step) }
    return (standing.isEmpty ? before : standing).max { ($0.step, $0.branch) < ($1.step, $1.branch) }
  }

  /// The checkpoint at a step; of several branches' the newest branch's.
  package func checkpoint(at step: Int) -> Checkpoint? {
    checkpoints.filter { $0.step == step }.max { $0.branch < $1.branch }
  }

  // MARK: Taking in

  /// Adds an epoch.
  mutating func append(_ report: EpochReport) { history.append(report) }

  /// Adds points to a series of a branch.
  mutating func append(_ points: [MetricPoint], to key: MetricKey, branch: Int) {
    history.append(points, to: key, branch: branch)
  }

  /// Takes a series of a branch as the engine sums it up.
  mutating func replace(_ key: MetricKey, branch: Int, with series: MetricSeries) {
    history.replace(key, branch: branch, with: series)
  }

  /// Takes points as they were measured, in place of what sums them up.
  mutating func refine(_ request: PointsRequest, with points: [MetricPoint]) { history.refine(request, with: points) }

  /// Goes on in a new branch: what the lane came to before holds no longer.
  mutating func begin(_ branch: LaneBranch) {
    history.begin(branch)
    result = nil
  }

  /// Puts the curves together after all points of a batch were added.
  mutating func settle() { history.settle() }

  /// Adds a checkpoint, in place of one of the same branch and step.
  mutating func add(_ checkpoint: Checkpoint) {
    removeCheckpoint(branch: checkpoint.branch, step: checkpoint.step)
    checkpoints.append(checkpoint)
  }

  /// Forgets a checkpoint.
  mutating func removeCheckpoint(branch: Int, step: Int) {
    checkpoints.removeAll { $0.branch == branch && $0.step == step }
  }
}
