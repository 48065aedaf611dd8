package import EngineProtocol
package import TrainingMetrics

/// The branches of a lane: the current history, and the undone ones, which are drawn as ghosts.
///
/// Each branch contains what was measured after its start. Appending points takes amortized O(1) time. Only after a
/// rewind, or when points of an older branch arrive late, are the curves rebuilt, once per batch.
package struct LaneHistory: Sendable {
  /// The number of newest undone branches to draw.
  package static let ghostCount = 3

  private struct Course {
    var branch: LaneBranch
    var own = LaneCurves()
  }

  private var courses: [Course]
  // The current history from the beginning; unused while there is only one branch.
  private var joined = LaneCurves()
  private var isStale = false
  /// The curves that rewinds have undone, oldest first, each starting at the step where the histories diverge.
  package private(set) var ghosts: [LaneCurves] = []

  /// The history of a lane with its first branch only.
  package init(lane: String) {
    courses = [Course(branch: LaneBranch(lane: lane, number: 1, parent: 0, step: 0))]
    present = lineage.course()
  }

  /// The lane's current branch.
  package var branch: LaneBranch { courses[courses.count - 1].branch }

  /// Number of branches.
  package var branchCount: Int { courses.count }

  /// The current history from the beginning, as of the last call of `settle`.
  package var curves: LaneCurves { courses.count == 1 ? courses[0].own : joined }

  /// The newest step of the undone branches; 0 if there are none.
  package private(set) var ghostStep = 0

  /// Returns whether something recorded in `branch` at `step` belongs to the current history.
  /// - Parameter isChange: whether it affects later steps, so that a rewind to the same step undoes it.
  package func holds(branch: Int, step: Int, isChange: Bool = false) -> Bool {
    present.holds(branch: branch, step: step, isChange: isChange)
  }

  // MARK: Updates

  /// Starts a branch, if its number is new.
  mutating func begin(_ branch: LaneBranch) {
    guard branch.number > self.branch.number else { return }
    var branch = branch
    branch.step = min(max(0, branch.step), 1 << 60)
    courses.append(Course(branch: branch))
    lineage.append(branch)
    present = lineage.course()
    isStale = true
  }

  /// Adds points to a branch; ignored if the branch is unknown.
  mutating func append(_ points: [MetricPoint], to key: MetricKey, branch: Int) {
    guard let place = place(of: branch) else { return }
    courses[place].own.append(points, to: key)
    if place < courses.count - 1 { isStale = true }
    if !isStale, courses.count > 1 { joined.append(points, to: key) }
  }

  /// Replaces a series of a branch by a summarized one; ignored if the branch is unknown.
  mutating func replace(_ key: MetricKey, branch: Int, with series: MetricSeries) {
    guard let place = place(of: branch) else { return }
    courses[place].own.replace(key, with: series)
    if courses.count > 1 { isStale = true }
  }

  /// Replaces summaries of a branch by their points.
  package mutating func refine(_ request: PointsRequest, with points: [MetricPoint]) {
    guard let place = place(of: request.branch) else { return }
    courses[place].own.refine(request, with: points)
    if courses.count > 1 { isStale = true }
  }

  /// Returns the requests for points within `steps` where curves of the current history are summarized, without curves
  /// that have too many points there.
  package func coarseStretches(in steps: ClosedRange<Int>) -> [PointsRequest] {
    present.flatMap { stretch -> [PointsRequest] in
      guard let place = place(of: stretch.branch), stretch.first <= steps.upperBound, stretch.last >= steps.lowerBound
      else { return [] }
      let own = max(stretch.first, steps.lowerBound)...min(stretch.last, steps.upperBound)
      // Extended by the same width on both sides, so that not every scroll makes a new request.
      let wide = max(0, own.lowerBound - steps.count)...min(stretch.last, own.upperBound + steps.count)
      return courses[place].own.series.compactMap { key, series in
        guard let narrow = series.coarseSteps(in: own, count: PointsRequest.mostPoints) else { return nil }
        let steps = series.coarseSteps(in: wide, count: PointsRequest.mostPoints) ?? narrow
        return PointsRequest(SeriesKey(lane: branch.lane, branch: stretch.branch, key), steps: steps)
      }
    }
  }

  /// Adds an epoch to its branch; ignored if the branch is unknown.
  mutating func append(_ report: EpochReport) {
    guard let place = place(of: report.branch) else { return }
    courses[place].own.append(report)
    if place < courses.count - 1 { isStale = true }
    if !isStale, courses.count > 1 { joined.append(report) }
  }

  /// Adds the layers' figures at the end of an epoch to their branch; ignored if the branch is unknown.
  mutating func append(_ report: LayerReport) {
    guard let place = place(of: report.branch), let layers = report.diagnostics else { return }
    let epoch = EpochDiagnostics(step: report.step, layers: layers)
    courses[place].own.append(epoch)
    if place < courses.count - 1 { isStale = true }
    if !isStale, courses.count > 1 { joined.append(epoch) }
  }

  /// Rebuilds the curves after a rewind or late points.
  mutating func settle() {
    guard isStale else { return }
    isStale = false
    joined = LaneCurves()
    for stretch in present.reversed() {
      guard let place = place(of: stretch.branch) else { continue }
      joined.append(courses[place].own, steps: stretch.first...stretch.last)
    }
    ghosts = courses.indices.dropLast().suffix(Self.ghostCount).map(ghost)
    ghostStep = ghosts.compactMap(\.lastStep).max() ?? 0
  }

  // The part of a branch beyond the current history, each curve starting where they diverge.
  private func ghost(_ place: Int) -> LaneCurves {
    let own = courses[place].own
    var ghost = LaneCurves()
    if let shared = present.first(where: { $0.branch == courses[place].branch.number }) {
      ghost.append(own, steps: (shared.last + 1)...Int.max, joining: true)
      return ghost
    }
    let branch = courses[place].branch
    if let parent = self.place(of: branch.parent), parent < place {
      for (key, series) in courses[parent].own.series where own.series[key] != nil {
        let index = series.firstIndex(atOrAfter: branch.step + 1) - 1
        if index >= 0 { ghost.append(CollectionOfOne(series.points[index]), to: key) }
      }
    }
    ghost.append(own, steps: Int.min...Int.max)
    return ghost
  }

  // MARK: Lineage

  private var lineage = LaneLineage()
  // The stretches of branches that form the current history, newest first.
  private var present: [LaneLineage.Stretch]

  private func place(of number: Int) -> Int? {
    // Nearly always the newest.
    courses.lastIndex { $0.branch.number == number }
  }
}

/// The figures of a lane's layers at the end of an epoch.
package struct EpochDiagnostics: Hashable, Sendable {
  /// Updates done.
  package let step: Int
  /// The layers' figures.
  package let layers: [LayerDiagnostics]
}

/// The measurements of a lane along a stretch of its history.
package struct LaneCurves: Sendable {
  /// Every metric series; older points of long ones are summarized.
  package private(set) var series: [MetricKey: MetricSeries] = [:]
  /// The epochs in order, starting with the report before the first step.
  package private(set) var reports: [EpochReport] = []
  /// Validation accuracy with latent weights instead of their signs, one point per epoch; empty if not measured.
  package private(set) var latentAccuracy = MetricSeries()

  /// The layers' figures at the ends of epochs, in order.
  package private(set) var diagnostics: [EpochDiagnostics] = []

  /// No measurements.
  package init() {}

  /// The newest step of any curve; nil without measurements.
  package var lastStep: Int? { (series.values.compactMap(\.last?.step) + reports.suffix(1).map(\.step)).max() }

  /// Adds an epoch.
  mutating func append(_ report: EpochReport) {
    reports.append(report)
    guard let accuracy = report.latentValidationAccuracy else { return }
    Self.append([MetricPoint(step: report.step, value: Float(accuracy))], to: &latentAccuracy)
  }

  /// Adds the layers' figures at the end of an epoch.
  mutating func append(_ epoch: EpochDiagnostics) { diagnostics.append(epoch) }

  /// Adds points to a series.
  mutating func append(_ points: some Sequence<MetricPoint>, to key: MetricKey) {
    Self.append(points, to: &series[key, default: MetricSeries()])
  }

  /// Replaces a series.
  mutating func replace(_ key: MetricKey, with series: MetricSeries) { self.series[key] = series }

  /// Replaces summaries of a series by their points.
  package mutating func refine(_ request: PointsRequest, with points: [MetricPoint]) {
    guard request.first <= request.last else { return }
    _ = series[request.key.key]?.refine(request.first...request.last, with: points)
  }

  /// Adds the measurements of `other` at `steps`.
  /// - Parameter joining: whether each curve also gets the last point before, where the curves diverge.
  mutating func append(_ other: LaneCurves, steps: ClosedRange<Int>, joining: Bool = false) {
    for (key, part) in other.series {
      Self.append(part, steps, joining: joining, to: &series[key, default: MetricSeries()])
    }
    Self.append(other.latentAccuracy, steps, joining: joining, to: &latentAccuracy)
    reports += other.reports.filter { steps.contains($0.step) }
    diagnostics += other.diagnostics.filter { steps.contains($0.step) }
  }

  // A decreasing step starts the series anew, because the points belong to another history.
  private static func append(_ points: some Sequence<MetricPoint>, to series: inout MetricSeries) {
    var last = series.last?.step ?? .min
    for point in points {
      if point.step < last { series = MetricSeries() }
      series.append(point)
      last = point.step
    }
    series.coarsen()
  }

  private static func append(
    _ other: MetricSeries, _ steps: ClosedRange<Int>, joining: Bool, to series: inout MetricSeries
  ) {
    let first = other.firstIndex(atOrAfter: steps.lowerBound)
    let end = steps.upperBound == .max ? other.count : other.firstIndex(atOrAfter: steps.upperBound + 1)
    guard first < end else { return }
    let places = (joining ? max(0, first - 1) : first)..<end
    if let last = series.last, other.points[places.lowerBound].step < last.step { series = MetricSeries() }
    series.append(places, of: other)
    series.coarsen()
  }
}
