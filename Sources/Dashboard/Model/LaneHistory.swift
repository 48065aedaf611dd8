package import EngineProtocol
package import TrainingMetrics

/// The courses that a lane has taken: the one it is on, and those that rewinds have left behind as ghosts.
///
/// Each branch holds what was measured after its beginning. Points are appended in O(1) amortised; only where a rewind
/// has happened, or points of an older branch come late, are the curves put together anew, once for all that came.
package struct LaneHistory: Sendable {
  /// So many of the courses left behind are drawn, the newest.
  package static let ghostCount = 3

  private struct Course {
    var branch: LaneBranch
    var own = LaneCurves()
  }

  private var courses: [Course]
  // The present course from the beginning on; unused while there is only one branch, whose own curves it is.
  private var joined = LaneCurves()
  private var isStale = false
  /// The curves that rewinds have left behind, the oldest first: each from the step at which the courses part.
  package private(set) var ghosts: [LaneCurves] = []

  /// The history of a lane that has only its first branch.
  package init(lane: String) {
    courses = [Course(branch: LaneBranch(lane: lane, number: 1, parent: 0, step: 0))]
    present = lineage.course()
  }

  /// The branch that the lane is on.
  package var branch: LaneBranch { courses[courses.count - 1].branch }

  /// How many branches there are.
  package var branchCount: Int { courses.count }

  /// The present course from the beginning on, as it stood when `settle` was last called.
  package var curves: LaneCurves { courses.count == 1 ? courses[0].own : joined }

  /// The newest step of the courses left behind; 0 where there are none.
  package private(set) var ghostStep = 0

  /// Whether what `branch` had at `step` still stands: the step lies on the present course.
  /// - Parameter isChange: whether it is something that decides the steps after it, and so is undone by a rewind to it.
  package func holds(branch: Int, step: Int, isChange: Bool = false) -> Bool {
    present.holds(branch: branch, step: step, isChange: isChange)
  }

  // MARK: Taking in

  /// Begins a branch, where its number is new.
  mutating func begin(_ branch: LaneBranch) {
    guard branch.number > self.branch.number else { return }
    var branch = branch
    branch.step = min(max(0, branch.step), 1 << 60)
    courses.append(Course(branch: branch))
    lineage.append(branch)
    present = lineage.course()
    isStale = true
  }

  /// Adds points to a branch; to one that is not known, nothing.
  mutating func append(_ points: [MetricPoint], to key: MetricKey, branch: Int) {
    guard let place = place(of: branch) else { return }
    courses[place].own.append(points, to: key)
    if place < courses.count - 1 { isStale = true }
    if !isStale, courses.count > 1 { joined.append(points, to: key) }
  }

  /// Takes a series of a branch as the engine sums it up; of a branch that is not known, nothing.
  mutating func replace(_ key: MetricKey, branch: Int, with series: MetricSeries) {
    guard let place = place(of: branch) else { return }
    courses[place].own.replace(key, with: series)
    if courses.count > 1 { isStale = true }
  }

  /// Takes points of a branch as they were measured, in place of what sums them up.
  package mutating func refine(_ request: PointsRequest, with points: [MetricPoint]) {
    guard let place = place(of: request.branch) else { return }
    courses[place].own.refine(request, with: points)
    if courses.count > 1 { isStale = true }
  }

  /// What to ask the engine for, so that no curve of the present course sums up points within `steps`; nothing of a curve
  /// that has too many points there.
  package func coarseStretches(in steps: ClosedRange<Int>) -> [PointsRequest] {
    present.flatMap { stretch -> [PointsRequest] in
      guard let place = place(of: stretch.branch), stretch.first <= steps.upperBound, stretch.last >= steps.lowerBound
      else { return [] }
      let own = max(stretch.first, steps.lowerBound)...min(stretch.last, steps.upperBound)
      // As much again on both sides, so that not every move of the window asks anew.
      let wide = max(0, own.lowerBound - steps.count)...min(stretch.last, own.upperBound + steps.count)
      return courses[place].own.series.compactMap { key, series in
        guard let narrow = series.coarseSteps(in: own, count: PointsRequest.mostPoints) else { return nil }
        let steps = series.coarseSteps(in: wide, count: PointsRequest.mostPoints) ?? narrow
        return PointsRequest(SeriesKey(lane: branch.lane, branch: stretch.branch, key), steps: steps)
      }
    }
  }

  /// Adds an epoch to its branch; to one that is not known, nothing.
  mutating func append(_ report: EpochReport) {
    guard let place = place(of: report.branch) else { return }
    courses[place].own.append(report)
    if place < courses.count - 1 { isStale = true }
    if !isStale, courses.count > 1 { joined.append(report) }
  }

  /// Puts the curves together where a rewind or late points have changed what they are.
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

  // What the course has beyond the present one, each curve from the point where they part on.
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
  // The stretches of branches that the present course runs along, the newest first.
  private var present: [LaneLineage.Stretch]

  private func place(of number: Int) -> Int? {
    // Nearly always the newest.
    courses.lastIndex { $0.branch.number == number }
  }
}

/// What is measured of a lane along a stretch of its course.
package struct LaneCurves: Sendable {
  /// Every metric series; the older points of a long one are summed up.
  package private(set) var series: [MetricKey: MetricSeries] = [:]
  /// The epochs in order, from the report before the first step on.
  package private(set) var reports: [EpochReport] = []
  /// Validation accuracy with the latent weights in place of their signs, a point each epoch; empty where there is none.
  package private(set) var latentAccuracy = MetricSeries()

  /// Nothing measured yet.
  package init() {}

  /// The newest step of any curve; nil where nothing was measured.
  package var lastStep: Int? { (series.values.compactMap(\.last?.step) + reports.suffix(1).map(\.step)).max() }

  /// Adds an epoch.
  mutating func append(_ report: EpochReport) {
    reports.append(report)
    guard let accuracy = report.latentValidationAccuracy else { return }
    Self.append([MetricPoint(step: report.step, value: Float(accuracy))], to: &latentAccuracy)
  }

  /// Adds points to a series.
  mutating func append(_ points: some Sequence<MetricPoint>, to key: MetricKey) {
    Self.append(points, to: &series[key, default: MetricSeries()])
  }

  /// Takes a series as it is.
  mutating func replace(_ key: MetricKey, with series: MetricSeries) { self.series[key] = series }

  /// Takes points of a series as they were measured, in place of what sums them up.
  package mutating func refine(_ request: PointsRequest, with points: [MetricPoint]) {
    guard request.first <= request.last else { return }
    _ = series[request.key.key]?.refine(request.first...request.last, with: points)
  }

  /// Adds what `other` has at the steps `steps`.
  /// - Parameter joining: whether each curve also gets the last point before, where the curves part.
  mutating func append(_ other: LaneCurves, steps: ClosedRange<Int>, joining: Bool = false) {
    for (key, part) in other.series {
      Self.append(part, steps, joining: joining, to: &series[key, default: MetricSeries()])
    }
    Self.append(other.latentAccuracy, steps, joining: joining, to: &latentAccuracy)
    reports += other.reports.filter { steps.contains($0.step) }
  }

  // A step that goes back begins the series anew: those points belong to another course.
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
