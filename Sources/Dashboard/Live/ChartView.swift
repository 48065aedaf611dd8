/// How charts are displayed. All lanes share the settings, so that they can be compared.
package struct ChartView: Hashable, Sendable {
  /// The horizontal axis.
  package enum Axis: String, CaseIterable, Hashable, Sendable {
    /// Epochs or steps, in equal widths.
    case epochs, steps
    /// Epochs on a logarithmic scale.
    case log
    /// Time of work of each lane, without pauses.
    case time
    /// Time of day.
    case clock

    /// What it shows, for messages.
    package var words: String {
      switch self {
      case .epochs: "epochs"
      case .steps: "steps"
      case .log: "epochs on a logarithmic scale"
      case .time: "the lanes' time of work"
      case .clock: "the time of day"
      }
    }

    /// The next one.
    package var next: Axis {
      let all = Self.allCases
      return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
    }
  }

  /// The scale of losses.
  package enum LossScale: Hashable, Sendable {
    /// Logarithmic if the largest visible loss is more than ten times the smallest.
    case automatic
    /// Chosen by the user.
    case linear, logarithmic
  }

  /// Number of visible steps, up to the newest or around the cursor; nil for the whole run.
  package private(set) var window: Int?
  /// The step of the cursor; nil if it is hidden.
  package private(set) var cursor: Int?
  /// The scale of losses.
  package private(set) var lossScale = LossScale.automatic
  /// The index in `smoothingSteps`.
  package private(set) var smoothingStep = 3
  /// The horizontal axis.
  package var axis = Axis.epochs

  /// The charts of the screens `lanes` and `compare`, in order.
  package var panels = ChartPanel.standard

  /// The available weights of the exponential moving average; 0 for none.
  package static let smoothingSteps: [Double] = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998]
  /// The minimum number of visible steps.
  package static let leastWindow = 8

  /// The whole run without a cursor.
  package init() {}

  /// The weight of the exponential moving average of training curves.
  package var smoothing: Double { Self.smoothingSteps[smoothingStep] }

  /// Switches to the next scale: first the one that is not shown, then the other, then automatic.
  /// - Parameter isAutomaticallyLogarithmic: the result of the automatic choice.
  package mutating func nextLossScale(isAutomaticallyLogarithmic isLogarithmic: Bool) {
    let own: LossScale = isLogarithmic ? .logarithmic : .linear
    let other: LossScale = isLogarithmic ? .linear : .logarithmic
    lossScale = lossScale == .automatic ? other : lossScale == other ? own : .automatic
  }

  /// Changes the smoothing by `steps` levels.
  /// - Returns: whether it changed.
  package mutating func smooth(by steps: Int) -> Bool {
    let before = smoothingStep
    smoothingStep = min(max(0, smoothingStep + steps), Self.smoothingSteps.count - 1)
    return smoothingStep != before
  }

  /// Returns the visible steps of a run that has reached `lastStep` and will end at `plannedStep`. The whole run also
  /// includes steps up to `ghostStep` of undone branches.
  ///
  /// The upper end of the whole run grows in ratios of about 1.6 and stops at the planned end, so that the curves grow
  /// to the right instead of shrinking with every point.
  package func range(lastStep: Int, plannedStep: Int, ghostStep: Int = 0) -> ClosedRange<Double> {
    guard let window else {
      let lastStep = max(lastStep, ghostStep)
      return 0...Double(max(1, lastStep, min(Self.roomy(lastStep), plannedStep)))
    }
    guard let cursor else { return Double(max(0, lastStep - window))...Double(max(lastStep, window)) }
    let lower = min(max(0, cursor - window / 2), max(0, max(lastStep, ghostStep) - window))
    return Double(lower)...Double(lower + window)
  }

  /// Halves the number of visible steps.
  package mutating func zoomIn(lastStep: Int) {
    window = max(Self.leastWindow, (window ?? max(lastStep, Self.leastWindow)) / 2)
  }

  /// Doubles the number of visible steps.
  package mutating func zoomOut(lastStep: Int) {
    guard let window else { return }
    self.window = window * 2 >= lastStep ? nil : window * 2
  }

  /// Shows the whole run.
  package mutating func zoomAll() { window = nil }

  /// Moves the cursor to a step, and shows `count` steps around it.
  package mutating func show(_ count: Int, around step: Int, lastStep: Int) {
    moveCursor(to: step, lastStep: lastStep)
    window = count < lastStep ? max(Self.leastWindow, count) : nil
  }

  /// Moves the cursor to a step of the run.
  package mutating func moveCursor(to step: Int, lastStep: Int) { cursor = min(max(0, step), lastStep) }

  /// Moves the cursor by a fortieth of the visible steps. If it is hidden, it appears at the newest step.
  package mutating func moveCursor(direction: Int, lastStep: Int) {
    let shown = window ?? lastStep
    let distance = max(1, shown / 40)
    moveCursor(to: cursor.map { $0 + direction * distance } ?? lastStep, lastStep: lastStep)
  }

  /// Hides the cursor.
  package mutating func hideCursor() { cursor = nil }

  private static func roomy(_ step: Int) -> Int {
    let places = [10, 16, 25, 40, 64, 100]
    let step = min(step, 1_000_000_000_000)
    var unit = 10
    while step > 100 * unit { unit *= 10 }
    return places.first { $0 * unit >= step }.map { $0 * unit } ?? step
  }
}
