/// Round distances between the labels of an axis: 1, 2 or 5 times a power of ten.
package enum RoundStep {
  /// Returns the smallest round step that is at least `value`.
  package static func atLeast(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    let exponent = Double(NumberFormat.decimalExponent(value))
    for factor in [1.0, 2, 5] {
      let step = factor * powerOfTen(exponent)
      if step >= value * (1 - 1e-9) { return step }
    }
    return powerOfTen(exponent + 1)
  }

  /// Returns the finer step to which a range is rounded: a fifth of `step`, or a quarter of 2 times a power of ten.
  package static func finer(than step: Double) -> Double { atLeast(step * 0.2) }

  /// Returns at most `count` multiples of a round step, and the step. One label shows no scale: if two are requested
  /// but only one multiple lies in the range, the outermost multiples of a finer step are returned.
  package static func multiples(in range: ClosedRange<Double>, count: Int) -> (values: [Double], step: Double) {
    let span = range.upperBound - range.lowerBound
    guard span > 0, count > 0 else { return ([range.lowerBound], 1) }
    func ends(_ step: Double) -> (first: Double, last: Double) {
      ((range.lowerBound / step - 1e-6).rounded(.up), (range.upperBound / step + 1e-6).rounded(.down))
    }
    var step = atLeast(span / Double(count))
    var (first, last) = ends(step)
    while last - first + 1 > Double(count), count > 1 {
      step = atLeast(step * 1.5)
      (first, last) = ends(step)
    }
    if last > first || count == 1 {
      return (last < first ? [] : (0...Int(min(last - first, 1000))).map { (first + Double($0)) * step }, step)
    }
    while last <= first {
      step = atLeast(step * 0.4)
      (first, last) = ends(step)
    }
    return (
      last - first + 1 > Double(count)
        ? [first * step, last * step] : stride(from: first, through: last, by: 1).map { $0 * step }, step
    )
  }
}
