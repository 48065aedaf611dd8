import TrainingMetrics

/// The mapping from steps to horizontal positions in a chart.
package enum StepScale: Hashable, Sendable {
  /// Equal numbers of steps are equal widths; positions are steps.
  case linear
  /// Equal ratios of steps are equal widths; positions are decimal logarithms. Step 0 has the position of step 1.
  case logarithmic
  /// Equal times are equal widths; positions are seconds.
  case time(StepClock)

  /// The position of a step.
  package func position(ofStep step: Double) -> Double {
    switch self {
    case .linear: step
    case .logarithmic: step > 1 ? decimalLogarithm(step) : 0
    case .time(let clock): clock.seconds(atStep: step)
    }
  }

  /// The step at a position.
  package func step(at position: Double) -> Double {
    switch self {
    case .linear: position
    case .logarithmic: position <= 0 ? 0 : Self.settled(powerOfTen(position))
    case .time(let clock): Self.settled(clock.step(atSeconds: position))
    }
  }

  // A whole step that rounding errors have moved a little.
  private static func settled(_ step: Double) -> Double {
    let whole = step.rounded()
    return abs(step - whole) <= 1e-6 * max(1, abs(step)) ? whole : step
  }
}

/// When the steps of a lane were done: times of some steps, between which time is interpolated. Before the first one and
/// after the last one, steps take as long as in the nearest interval.
package struct StepClock: Hashable, Sendable {
  /// The time of a step in seconds, from any origin.
  package struct Mark: Hashable, Sendable {
    /// The step.
    package let step: Double
    /// Its time.
    package let seconds: Double

    package init(step: Double, seconds: Double) { (self.step, self.seconds) = (step, seconds) }
  }

  private let marks: [Mark]

  /// A clock with these times. Marks whose step or time does not increase are ignored.
  /// - Returns: nil if fewer than two marks remain.
  package init?(_ marks: [Mark]) {
    var kept: [Mark] = []
    for mark in marks where mark.step.isFinite && mark.seconds.isFinite {
      guard let last = kept.last else {
        kept.append(mark)
        continue
      }
      if mark.step > last.step, mark.seconds > last.seconds { kept.append(mark) }
    }
    guard kept.count > 1 else { return nil }
    self.marks = kept
  }

  /// The time at a step.
  package func seconds(atStep step: Double) -> Double {
    let (low, high) = interval { $0.step <= step }
    return low.seconds + (step - low.step) / (high.step - low.step) * (high.seconds - low.seconds)
  }

  /// The step at a time.
  package func step(atSeconds seconds: Double) -> Double {
    let (low, high) = interval { $0.seconds <= seconds }
    return low.step + (seconds - low.seconds) / (high.seconds - low.seconds) * (high.step - low.step)
  }

  // The interval whose first mark is the last one that is before.
  private func interval(_ isBefore: (Mark) -> Bool) -> (Mark, Mark) {
    var low = 0
    var high = marks.count - 1
    while low + 1 < high {
      let middle = (low + high) / 2
      if isBefore(marks[middle]) { low = middle } else { high = middle }
    }
    return (marks[low], marks[low + 1])
  }
}

/// The unit of the horizontal axis.
package struct StepUnit: Hashable, Sendable {
  /// The kinds of units.
  package enum Kind: Hashable, Sendable {
    /// This number of steps per unit.
    case steps(Double)
    /// Durations; positions are seconds.
    case duration
    /// Times of day, this many seconds ahead of UTC; positions are seconds since 1970 in UTC.
    case clock(offset: Double)
  }

  /// The name, at the end of the axis.
  package var name: String
  /// The kind.
  package var kind: Kind

  /// A unit of this number of steps.
  package init(name: String, stepsPerUnit: Double) {
    self.name = name
    kind = .steps(stepsPerUnit > 0 ? stepsPerUnit : 1)
  }

  private init(name: String, kind: Kind) { (self.name, self.kind) = (name, kind) }

  /// Steps themselves.
  package static let steps = StepUnit(name: "step", stepsPerUnit: 1)
  /// Durations, for charts over time.
  package static let duration = StepUnit(name: "time", kind: .duration)

  /// Epochs of this number of steps.
  package static func epochs(stepsPerEpoch: Int) -> StepUnit {
    StepUnit(name: "epoch", stepsPerUnit: Double(stepsPerEpoch))
  }

  /// Times of day, for charts over time.
  /// - Parameter offset: by how many seconds the clock is ahead of UTC.
  package static func clock(offset: Double) -> StepUnit { StepUnit(name: "clock", kind: .clock(offset: offset)) }

  /// The number of steps per unit; 1 for times.
  package var stepsPerUnit: Double { if case .steps(let steps) = kind { steps } else { 1 } }

  /// A position on the axis as a text: `step 1,284`, `epoch 2.57`, `1:25, step 1,284`.
  package func text(step: Int, on scale: StepScale = .linear) -> String {
    let position = scale.position(ofStep: Double(step))
    switch kind {
    case .steps(1): return "\(name) \(NumberFormat.grouped(step))"
    case .steps(let steps): return "\(name) \(NumberFormat.fixed(Double(step) / steps, decimals: 2))"
    case .duration: return "\(NumberFormat.duration(seconds: position)), step \(NumberFormat.grouped(step))"
    case .clock(let offset):
      return "\(TimeTicks.timeOfDay(position + offset, showsSeconds: true)), step \(NumberFormat.grouped(step))"
    }
  }
}

/// Round times on an axis, and times as text.
enum TimeTicks {
  private static let hour = 3600.0
  private static let day = 86400.0
  private static let steps: [Double] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour,
    day, 2 * day, 5 * day, 10 * day, 30 * day, 100 * day,
  ]

  /// At most `count` round times in `range`, in seconds.
  /// - Parameter offset: by how many seconds the clock is ahead of UTC; nil for durations.
  static func ticks(_ range: ClosedRange<Double>, count: Int, offset: Double?) -> AxisTicks {
    let span = range.upperBound - range.lowerBound
    if offset == nil, span < Double(count) {
      // Fractions of a second.
      let (values, step) = RoundStep.multiples(in: range, count: count)
      let decimals = max(0, -NumberFormat.decimalExponent(step))
      return AxisTicks(
        values: values, labels: values.map { NumberFormat.fixed($0, decimals: decimals) + " s" }, sharedPrefix: "")
    }
    let step = steps.first { span / $0 <= Double(max(1, count)) } ?? (span / Double(max(1, count)))
    let shift = offset ?? 0
    var values: [Double] = []
    var value = ((range.lowerBound + shift) / step).rounded(.up) * step
    while value <= range.upperBound + shift, values.count <= count {
      values.append(value - shift)
      value += step
    }
    let labels = values.map { value in
      guard offset != nil else { return NumberFormat.duration(seconds: value) }
      return step < day ? timeOfDay(value + shift, showsSeconds: step < 60) : date(value + shift)
    }
    return AxisTicks(values: values, labels: labels, sharedPrefix: "")
  }

  /// A time of day: `14:05`, or `14:05:30` with seconds.
  /// - Parameter seconds: local seconds since 1970.
  static func timeOfDay(_ seconds: Double, showsSeconds: Bool) -> String {
    let total = Int(max(-1e12, min(1e12, seconds.rounded(.down))))
    let inDay = ((total % 86400) + 86400) % 86400
    let minutes = "\(padded(inDay / 3600)):\(padded(inDay / 60 % 60))"
    return showsSeconds ? minutes + ":\(padded(inDay % 60))" : minutes
  }

  // Month and day, `11-30`, by the civil calendar.
  private static func date(_ seconds: Double) -> String {
    // Days since 0000-03-01; a year that starts in March has its leap day at the end.
    let days = Int((max(-1e12, min(1e12, seconds)) / day).rounded(.down)) + 719_468
    let dayOfEra = ((days % 146_097) + 146_097) % 146_097
    let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    return "\(padded((month + 2) % 12 + 1))-\(padded(dayOfYear - (153 * month + 2) / 5 + 1))"
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
