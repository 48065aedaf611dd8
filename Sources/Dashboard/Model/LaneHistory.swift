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
    lineage = [Part(place: 0, first: .min, last: .max)]
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
    guard let part = lineage.first(where: { courses[$0.place].branch.number == branch }) else { return false }
    return isChange && part.last != .max ? step < part.last : step <= part.last
  }

  // MARK: Taking in

  /// Begins a branch, where its number is new.
  mutating func begin(_ branch: LaneBranch) {
    guard branch.number > self.branch.number else { return }
    var branch = branch
    branch.step = min(max(0, branch.step), 1 << 60)
    courses.append(Course(branch: branch))
    lineage = findLineage()
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
    for part in lineage.reversed() { joined.append(courses[part.place].own, steps: part.first...part.last) }
    ghosts = courses.indices.dropLast().suffix(Self.ghostCount).map(ghost)
    ghostStep = ghosts.compactMap(\.lastStep).max() ?? 0
  }

  // What the course has beyond the present one, each curve from the point where they part on.
  private func ghost(_ place: Int) -> LaneCurves {
    let own = courses[place].own
    var ghost = LaneCurves()
    if let shared = lineage.first(where: { $0.place == place }) {
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

  // The steps of a branch that the present course runs along.
  private struct Part {
    var place: Int
    var first: Int
    var last: Int
  }

  // The branches that the present course runs along, the newest first.
  private var lineage: [Part]

  private func findLineage() -> [Part] {
    var parts: [Part] = []
    var place = courses.count - 1
    var last = Int.max
    while true {
      let branch = courses[place].branch
      let isRoot = place == 0
      parts.append(Part(place: place, first: min(isRoot ? .min : branch.step + 1, last), last: last))
      guard !isRoot, let parent = self.place(of: branch.parent), parent < place else { return parts }
      // A branch that went off before its parent did shares only what the parent shares.
      last = min(last, branch.step)
      place = parent
    }
  }

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
