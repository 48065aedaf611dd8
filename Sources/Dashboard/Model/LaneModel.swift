package import EngineProtocol
package import TrainingMetrics

/// All that the dashboard knows of one lane.
package struct LaneModel: Sendable {
  /// What does not change while the lane trains.
  package let description: RunDescription.Lane
  /// How the lane stands; nil before its first snapshot.
  package internal(set) var snapshot: LaneSnapshot?
  /// Every metric series received, at full length.
  package private(set) var series: [MetricKey: MetricSeries] = [:]
  /// The lane's epochs in order, from the report before the first step on.
  package private(set) var reports: [EpochReport] = []
  /// Validation accuracy with the latent weights in place of their signs, a point each epoch; empty where there is none.
  package private(set) var latentAccuracy = MetricSeries()
  /// The changes that took effect in this lane, in order: the marks on its charts.
  package internal(set) var journal: [JournalEntry] = []
  /// What the lane came to; nil until it has ended.
  package internal(set) var result: LaneResult?

  /// A lane of which only the description is known.
  package init(_ description: RunDescription.Lane) { self.description = description }

  /// The lane's name.
  package var name: String { description.name }

  /// The series of `metric`, empty where nothing was received.
  package func series(_ metric: Metric, layer: String? = nil) -> MetricSeries {
    series[MetricKey(metric, layer: layer)] ?? MetricSeries()
  }

  /// The newest value of a figure of the whole network: the snapshot's, or the last point received.
  package func latest(_ metric: Metric) -> Float? {
    snapshot?.latest[metric] ?? series[MetricKey(metric)]?.last?.value
  }

  /// The newest step known from the snapshot or any training loss.
  package var step: Int { max(snapshot?.step ?? 0, series[MetricKey(.trainLoss)]?.last?.step ?? 0) }

  /// What the lane is doing, after its result where there is one.
  package var state: LaneSnapshot.State {
    if let failure = result?.failure { return .failed(failure) }
    if let state = snapshot?.state, state.hasEnded || result == nil { return state }
    return result == nil ? .training : (result?.wasStopped == true ? .stopped : .finished)
  }

  /// The best validation accuracy so far, 0...1, with its epoch.
  package var best: LaneSnapshot.Best? {
    if let result, let accuracy = result.bestValidationAccuracy, let epoch = result.bestEpoch {
      return .init(accuracy: accuracy, epoch: epoch)
    }
    if let best = snapshot?.best { return best }
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

  /// Adds an epoch.
  mutating func append(_ report: EpochReport) {
    reports.append(report)
    guard let accuracy = report.latentValidationAccuracy else { return }
    if let last = latentAccuracy.last, report.step < last.step { latentAccuracy = MetricSeries() }
    latentAccuracy.append(MetricPoint(step: report.step, value: Float(accuracy)))
  }

  /// Adds points to a series. A step that goes back begins the series anew: those points belong to another course.
  mutating func append(_ points: [MetricPoint], to key: MetricKey) {
    for point in points {
      if let last = series[key]?.last, point.step < last.step { series[key] = MetricSeries() }
      series[key, default: MetricSeries()].append(point)
    }
  }
}
