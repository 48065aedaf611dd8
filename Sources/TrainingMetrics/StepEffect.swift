/// The steps before and after a step of a lane that are compared to see what an edit there did.
///
/// Both windows have the same number of steps: an epoch, or less where the course begins, ends, or was edited again.
package struct EffectWindows: Hashable, Sendable {
  /// Updates done at the edit; the next update is the first one affected.
  package let step: Int
  /// Number of steps of each window.
  package let length: Int
  /// The course between the neighbouring edits: the first step belongs to what came before the edit there, the last one
  /// to what it left.
  package let course: ClosedRange<Int>

  /// The windows around a step; nil if there is no step before or after it.
  /// - Parameters:
  ///   - edits: the steps of all edits of the course.
  ///   - course: the first step that was done before the course, such as 0, and its last one.
  ///   - epoch: the most steps of a window.
  package init?(around step: Int, edits: some Sequence<Int>, course: ClosedRange<Int>, epoch: Int) {
    let lower = edits.filter { $0 < step }.max().map { max($0, course.lowerBound) } ?? course.lowerBound
    let upper = edits.filter { $0 > step }.min().map { min($0, course.upperBound) } ?? course.upperBound
    let length = min(max(1, epoch), step - lower, upper - step)
    guard length > 0 else { return nil }
    (self.step, self.length) = (step, length)
    self.course = lower...upper
  }

  /// The steps before the edit.
  package var before: ClosedRange<Int> { (step - length + 1)...step }
  /// The steps after it.
  package var after: ClosedRange<Int> { (step + 1)...(step + length) }
}

/// The mean of a metric over a window of steps.
package struct WindowMean: Hashable, Sendable {
  /// The mean of the finite values.
  package let mean: Double
  /// The standard error of the mean; nil with too few values.
  package let standardError: Double?
  /// Number of finite values.
  package let count: Int
  /// Number of values that are NaN or infinite.
  package let nonFiniteCount: Int
  /// Whether some values are known only as parts of summaries that extend beyond the window or its blocks.
  package let isApproximate: Bool
}

extension MetricSeries {
  /// The most blocks of `windowMean`.
  package static let mostBlocks = 10

  /// Returns the mean over a window of steps; nil if it has no finite value.
  ///
  /// Neighbouring steps are correlated, because they train nearly the same network, so the spread of single values would
  /// give far too small an error. The window is cut into `B = min(10, steps / 2)` blocks of equal numbers of steps, and
  /// with their means m_b
  ///
  ///     SE² = Σ (m_b - m̄)² / (B (B - 1))
  ///
  /// A trend within the window counts as spread. With fewer than 4 blocks, or an empty one, there is no standard error.
  /// - Parameter window: the steps, both ends included.
  package func windowMean(over window: ClosedRange<Int>) -> WindowMean? {
    func places(_ first: Int, _ last: Int) -> Range<Int> {
      let begin = firstIndex(atOrAfter: first)
      return begin..<max(begin, firstIndex(atOrAfter: last == .max ? .max : last + 1))
    }
    let all = places(window.lowerBound, window.upperBound)
    let whole = summary(of: all)
    guard let mean = whole.mean else { return nil }
    let blocks = min(Self.mostBlocks, window.count / 2)
    var means: [Double] = []
    for block in 0..<blocks {
      let first = window.lowerBound + block * window.count / blocks
      let end = window.lowerBound + (block + 1) * window.count / blocks
      guard let mean = summary(of: places(first, end - 1)).mean else { continue }
      means.append(mean)
    }
    var error: Double?
    if blocks >= 4, means.count == blocks {
      let center = means.reduce(0, +) / Double(blocks)
      let squares = means.reduce(0) { $0 + ($1 - center) * ($1 - center) }
      error = (squares / Double(blocks * (blocks - 1))).squareRoot()
    }
    return WindowMean(
      mean: mean, standardError: error, count: whole.count, nonFiniteCount: whole.nonFiniteCount,
      isApproximate: all.upperBound > all.lowerBound && all.lowerBound < bucketCount
        && (all.lowerBound..<min(all.upperBound, bucketCount)).contains { bucket(at: $0).size > 1 })
  }
}

/// What changed in the measurements of a lane around a step.
///
/// It is the difference after - before, which includes what training would have changed without the edit.
package struct StepEffect: Hashable, Sendable {
  /// A metric before and after.
  package struct Comparison: Hashable, Sendable {
    /// What is compared.
    package let metric: Metric
    /// The value before the step.
    package let before: Double
    /// The value after it.
    package let after: Double
    /// The standard error of the difference; nil if unknown.
    package let standardError: Double?
    /// Whether the values are not exact, because only summaries of the points are known.
    package let isApproximate: Bool

    /// `after - before`.
    package var difference: Double { after - before }
  }

  /// The compared windows.
  package let windows: EffectWindows
  /// The metrics that have values on both sides: training loss and flip rate as means over the windows, validation loss
  /// and accuracy as of the last validation before and the first one after the step, between the neighbouring edits.
  package let comparisons: [Comparison]

  /// Compares the measurements around a step.
  ///
  /// The standard error of a difference of means is `√(SE₁² + SE₂²)` of `MetricSeries.windowMean`. That of a difference
  /// of accuracies p and q on n images is `√((p (1 - p) + q (1 - q)) / n)`, as if the images were drawn anew; since they
  /// are the same ones, it is too large rather than too small.
  /// - Parameters:
  ///   - validationCount: number of validation images.
  ///   - series: returns the series of a metric of the whole network, along the lane's course.
  package init(_ windows: EffectWindows, validationCount: Int, series: (Metric) -> MetricSeries) {
    self.windows = windows
    comparisons = [.trainLoss, .validationLoss, .validationAccuracy, .flipRate].compactMap { metric in
      metric.isOfEpochs
        ? Self.validations(metric, series(metric), windows, validationCount)
        : Self.means(metric, series(metric), windows)
    }
  }

  /// Returns the comparison of a metric; nil if it was not measured on both sides.
  package func comparison(of metric: Metric) -> Comparison? { comparisons.first { $0.metric == metric } }

  /// The training losses before and after with their difference and its standard error, for tables:
  /// “0.4123 → 0.3901, -0.0222 ± 0.0031 (528 steps)”; nil if they are not known.
  package var words: String? {
    guard let loss = comparison(of: .trainLoss) else { return nil }
    let spread = loss.standardError.map { " ± \(NumberFormat.significant($0, digits: 2))" } ?? ""
    return "\(NumberFormat.loss(loss.before)) → \(NumberFormat.loss(loss.after)), "
      + "\(NumberFormat.significant(loss.difference, digits: 3))\(spread) (\(NumberFormat.grouped(windows.length)) steps)"
  }

  private static func means(_ metric: Metric, _ series: MetricSeries, _ windows: EffectWindows) -> Comparison? {
    guard let before = series.windowMean(over: windows.before), let after = series.windowMean(over: windows.after)
    else { return nil }
    var error: Double?
    if let first = before.standardError, let second = after.standardError {
      error = (first * first + second * second).squareRoot()
    }
    return Comparison(
      metric: metric, before: before.mean, after: after.mean, standardError: error,
      isApproximate: before.isApproximate || after.isApproximate)
  }

  // The validation before the first step is of an untrained network.
  private static func validations(
    _ metric: Metric, _ series: MetricSeries, _ windows: EffectWindows, _ count: Int
  ) -> Comparison? {
    let place = series.firstIndex(atOrAfter: windows.step + 1)
    guard place > 0, place < series.count else { return nil }
    let (before, after) = (series.points[place - 1], series.points[place])
    guard before.step > windows.course.lowerBound, before.step > 0, after.step <= windows.course.upperBound else {
      return nil
    }
    let (first, second) = (Double(before.value), Double(after.value))
    var error: Double?
    if metric == .validationAccuracy, count > 0 {
      error = ((first * (1 - first) + second * (1 - second)) / Double(count)).squareRoot()
    }
    return Comparison(metric: metric, before: first, after: second, standardError: error, isApproximate: false)
  }
}
