import TrainingMetrics

/// The labelled values of an axis: 1, 2 or 5 times a power of ten apart.
package struct AxisTicks: Hashable, Sendable {
  /// The values, ascending.
  package var values: [Double]
  /// The labels.
  package var labels: [String]
  /// The common prefix omitted from the labels; may be empty.
  package var sharedPrefix: String

  /// The width of the widest label in columns.
  package var labelWidth: Int {
    max(labels.map { displayWidth($0) }.max() ?? 0, displayWidth(sharedPrefix))
  }

  /// The multiples of the smallest round step with at most `count` values in `range`.
  static func linear(_ range: ClosedRange<Double>, count: Int, unit: ChartUnit) -> AxisTicks {
    let (values, step) = RoundStep.multiples(in: range, count: count)
    return AxisTicks(values: values, step: step, unit: unit)
  }

  /// The ticks of a vertical axis; the range is projected.
  static func vertical(_ projected: ClosedRange<Double>, chart: LineChart, count: Int) -> AxisTicks {
    let values = chart.yScale.unproject(projected.lowerBound)...chart.yScale.unproject(projected.upperBound)
    return chart.yScale == .linear
      ? linear(values, count: count, unit: chart.yUnit) : logarithmic(values, count: count, unit: chart.yUnit)
  }

  /// Ticks for an axis of steps, epochs or times: integers if the range allows. Their values are positions.
  static func horizontal(
    _ positions: ClosedRange<Double>, scale: StepScale, unit: StepUnit, count: Int
  ) -> AxisTicks {
    switch unit.kind {
    case .duration: return TimeTicks.ticks(positions, count: count, offset: nil)
    case .clock(let offset): return TimeTicks.ticks(positions, count: count, offset: offset)
    case .steps(let stepsPerUnit):
      func value(_ position: Double) -> Double { scale.step(at: position) / stepsPerUnit }
      let range = value(positions.lowerBound)...value(positions.upperBound)
      guard scale == .logarithmic else {
        var ticks = horizontal(range, count: count)
        ticks.values = ticks.values.map { $0 * stepsPerUnit }
        return ticks
      }
      let first = max(range.lowerBound, 1 / stepsPerUnit)
      var ticks = logarithmic(first...max(first, range.upperBound), count: count, unit: .plain)
      ticks.values = ticks.values.map { scale.position(ofStep: $0 * stepsPerUnit) }
      return ticks
    }
  }

  private static func horizontal(_ range: ClosedRange<Double>, count: Int) -> AxisTicks {
    let (values, step) = RoundStep.multiples(in: range, count: count)
    guard values.count > 1 else {
      return AxisTicks(values: values, labels: values.map { NumberFormat.compact($0) }, sharedPrefix: "")
    }
    let decimals = max(0, -NumberFormat.decimalExponent(step))
    let labels = values.map { value in
      decimals > 0 ? NumberFormat.fixed(value, decimals: decimals) : NumberFormat.abbreviatedWhole(value, step: step)
    }
    return AxisTicks(values: values, labels: labels, sharedPrefix: "")
  }

  /// Powers of ten in `range` (values, not logarithms); 1-2-5 steps between them if there are few powers, and linear
  /// ticks if even those are too few.
  static func logarithmic(_ range: ClosedRange<Double>, count: Int, unit: ChartUnit) -> AxisTicks {
    let low = NumberFormat.decimalExponent(range.lowerBound)
    let high = NumberFormat.decimalExponent(range.upperBound)
    func values(_ factors: [Double], every: Int = 1) -> [Double] {
      var result: [Double] = []
      for exponent in low...max(low, high + 1) where exponent % every == 0 {
        for factor in factors {
          let value = factor * powerOfTen(Double(exponent))
          if value >= range.lowerBound * (1 - 1e-9), value <= range.upperBound * (1 + 1e-9) { result.append(value) }
        }
      }
      return result
    }
    var best: [Double] = []
    for factors in [[1.0, 2, 5], [1.0, 3], [1.0]] where best.isEmpty {
      let candidate = values(factors)
      if candidate.count <= count { best = candidate }
    }
    var every = 2
    while best.isEmpty, every < 64 {
      let candidate = values([1], every: every)
      if candidate.count <= count { best = candidate }
      every += 1
    }
    if best.count < 2 { return linear(range, count: count, unit: unit) }
    let labels = best.map { unit == .percent ? NumberFormat.compact($0 * 100) + " %" : NumberFormat.compact($0) }
    return AxisTicks(values: best, labels: labels, sharedPrefix: "")
  }

  init(values: [Double], labels: [String], sharedPrefix: String) {
    self.values = values
    self.labels = labels
    self.sharedPrefix = sharedPrefix
  }

  /// Labels for values that are `step` apart, with enough decimals to distinguish them.
  init(values: [Double], step: Double, unit: ChartUnit) {
    self.values = values
    sharedPrefix = ""
    let scale = unit == .percent ? 100.0 : 1
    let suffix = unit == .percent ? " %" : ""
    let largest = (values.map { abs($0) }.max() ?? 0) * scale
    let exponent = NumberFormat.decimalExponent(step * scale)
    if largest >= 1e15 {
      // No prefix says more than the exponent.
      let digits = min(7, max(1, NumberFormat.decimalExponent(largest) - exponent + 1))
      labels = values.map { abs($0) < step / 2 ? "0" : NumberFormat.scientific($0 * scale, digits: digits) + suffix }
    } else if largest >= 10_000 {
      let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
      let (divisor, name) = units.first { largest >= $0.0 } ?? (1, "")
      let decimals = max(0, -NumberFormat.decimalExponent(step * scale / divisor))
      let full = values.map { NumberFormat.fixed($0 * scale / divisor, decimals: decimals) }
      if decimals > 3, let prefix = AxisTicks.commonPrefix(full), prefix.count > 2 {
        sharedPrefix = prefix + "…"
        labels = full.map { "…" + $0.dropFirst(prefix.count) + name + suffix }
      } else {
        labels = zip(values, full).map { abs($0) < step / 2 ? "0" : $1 + name + suffix }
      }
    } else if largest < 1e-3, largest > 0 {
      labels = values.map { (abs($0) < step / 2 ? "0" : NumberFormat.compact($0 * scale)) + suffix }
    } else {
      let full = values.map { NumberFormat.fixed($0 * scale, decimals: max(0, -exponent)) }
      let span = ((values.last ?? 0) - (values.first ?? 0)) * scale
      if span < 1e-3 * largest, let prefix = AxisTicks.commonPrefix(full), prefix.count > 2 {
        sharedPrefix = prefix + "…"
        labels = full.map { "…" + $0.dropFirst(prefix.count) + suffix }
      } else {
        labels = full.map { $0 + suffix }
      }
    }
  }

  private static func commonPrefix(_ texts: [String]) -> String? {
    guard var prefix = texts.first else { return nil }
    for text in texts.dropFirst() { while !text.hasPrefix(prefix) { prefix.removeLast() } }
    // Each label keeps at least one digit.
    if texts.contains(prefix) { prefix.removeLast() }
    return prefix
  }
}
