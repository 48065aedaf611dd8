/// How the charts of all lanes are looked at: the same for each, so that they can be compared.
package struct ChartView: Hashable, Sendable {
  /// How the horizontal axis counts.
  package enum Axis: Hashable, Sendable { case epochs, steps }

  /// On what scale losses stand.
  package enum LossScale: Hashable, Sendable {
    /// Logarithmic where the greatest loss shown is more than ten times the least.
    case automatic
    /// As it was chosen.
    case linear, logarithmic
  }

  /// How many steps are shown, up to the newest or about the cursor; nil shows the whole run.
  package private(set) var window: Int?
  /// The step at which the cursor stands; nil hides it.
  package private(set) var cursor: Int?
  /// On what scale losses stand.
  package private(set) var lossScale = LossScale.automatic
  /// The place in `smoothingSteps`.
  package private(set) var smoothingStep = 3
  /// How the horizontal axis counts.
  package var axis = Axis.epochs

  /// The weights of the exponential mean that can be chosen; 0 draws the raw mean.
  package static let smoothingSteps: [Double] = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998]
  /// No chart shows fewer steps.
  package static let leastWindow = 8

  /// The whole run without a cursor.
  package init() {}

  /// The weight of the exponential mean of training curves.
  package var smoothing: Double { Self.smoothingSteps[smoothingStep] }

  /// Takes the next scale: the one that is not shown, then the other, then the automatic choice again.
  /// - Parameter isAutomaticallyLogarithmic: what the automatic choice would be.
  package mutating func nextLossScale(isAutomaticallyLogarithmic isLogarithmic: Bool) {
    let own: LossScale = isLogarithmic ? .logarithmic : .linear
    let other: LossScale = isLogarithmic ? .linear : .logarithmic
    lossScale = lossScale == .automatic ? other : lossScale == other ? own : .automatic
  }

  /// Smooths more or less by `steps` places.
  /// - Returns: whether that changed anything.
  package mutating func smooth(by steps: Int) -> Bool {
    let before = smoothingStep
    smoothingStep = min(max(0, smoothingStep + steps), Self.smoothingSteps.count - 1)
    return smoothingStep != before
  }

  /// The steps to show of a run that has come to `lastStep` and is to end at `plannedStep`; of the whole run also those
  /// up to `ghostStep`, where a course was left behind.
  ///
  /// The whole run's upper end grows in ratios of about 1.25 and stops at the planned end, so that the curves stand still
  /// and grow to the right instead of shrinking with every point.
  package func range(lastStep: Int, plannedStep: Int, ghostStep: Int = 0) -> ClosedRange<Double> {
    guard let window else {
      let lastStep = max(lastStep, ghostStep)
      return 0...Double(max(1, lastStep, min(Self.roomy(lastStep), plannedStep)))
    }
    guard let cursor else { return Double(max(0, lastStep - window))...Double(max(lastStep, window)) }
    let lower = min(max(0, cursor - window / 2), max(0, max(lastStep, ghostStep) - window))
    return Double(lower)...Double(lower + window)
  }

  /// Shows half as many steps.
  package mutating func zoomIn(lastStep: Int) {
    window = max(Self.leastWindow, (window ?? max(lastStep, Self.leastWindow)) / 2)
  }

  /// Shows twice as many steps.
  package mutating func zoomOut(lastStep: Int) {
    guard let window else { return }
    self.window = window * 2 >= lastStep ? nil : window * 2
  }

  /// Shows the whole run.
  package mutating func zoomAll() { window = nil }

  /// Puts the cursor on a step of the run.
  package mutating func moveCursor(to step: Int, lastStep: Int) { cursor = min(max(0, step), lastStep) }

  /// Moves the cursor by a fortieth of what is shown; it appears at the newest step.
  package mutating func moveCursor(direction: Int, lastStep: Int) {
    let shown = window ?? lastStep
    let distance = max(1, shown / 40)
    moveCursor(to: cursor.map { $0 + direction * distance } ?? lastStep, lastStep: lastStep)
  }

  /// Takes the cursor away.
  package mutating func hideCursor() { cursor = nil }

  private static func roomy(_ step: Int) -> Int {
    let places = [10, 12, 16, 20, 25, 32, 40, 50, 64, 80, 100]
    let step = min(step, 1_000_000_000_000)
    var unit = 10
    while step > 100 * unit { unit *= 10 }
    return places.first { $0 * unit >= step }.map { $0 * unit } ?? step
  }
}
