import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The value ranges of charts, the same for all lanes, so that adjacent panels can be compared.
///
/// Ranges are rounded outwards, so that they change rarely; values beyond them are counted at the chart's edge. A loss
/// range is kept while the losses fit and fill most of it, because otherwise noise at a border would redraw the whole
/// chart. It follows recent losses, so that progress late in training remains visible; high initial losses, and always
/// those before the first update, may lie outside. A failed lane has its own ranges, because its extreme values would
/// compress the others.
package struct SharedRanges: Hashable, Sendable {
  /// The range of losses; nil before the first.
  package let loss: ClosedRange<Double>?
  /// Whether losses have a logarithmic scale.
  package let isLogarithmic: Bool
  /// Whether the automatic choice of the scale is logarithmic.
  package let isAutomaticallyLogarithmic: Bool
  /// The range of accuracies, within 0...1; nil before the first.
  package let accuracy: ClosedRange<Double>?

  // The inputs from which the ranges were computed.
  private let basis: [Basis]

  private struct Basis: Hashable, Sendable {
    var steps: ClosedRange<Double>
    var scale: ChartView.LossScale
    var validations: Int
    var column: Int
    var columnSize: Int
    var lane: String
    var branch: Int
  }

  private static let columns = 72
  // The scale becomes logarithmic if the ratio of the largest to the smallest loss exceeds the first number, and linear
  // again below the second, so that it does not alternate.
  private static let logarithmicRatio = 10.0
  private static let linearRatio = 7.0
  // A loss range is recomputed when it is this many times as high as necessary.
  private static let heldRatio = 1.5

  /// The ranges of the lanes that have not failed, or of all if every lane has.
  /// - Parameter before: the ranges of the previous frame, which are kept until a column is full or has four times as
  ///   many points.
  init(lanes: [LaneModel], steps: ClosedRange<Double>, scale: ChartView.LossScale, before: SharedRanges? = nil) {
    let sound = lanes.filter { !$0.hasFailed }
    let lanes = sound.isEmpty ? lanes : sound
    let basis = lanes.map { lane in
      let series = lane.series(.trainLoss)
      let width = (steps.upperBound - steps.lowerBound) / Double(Self.columns)
      let end = min(Double(series.last?.step ?? 0), steps.upperBound)
      let column = width > 0 ? ((end - steps.lowerBound) / width).rounded(.down) : 0
      let first = series.firstIndex(atOrAfter: Int(steps.lowerBound + column * width))
      return Basis(
        steps: steps, scale: scale,
        validations: lane.series(.validationLoss).count + lane.latentAccuracy.count, column: Int(column),
        columnSize: (Int.bitWidth - (series.count - first).leadingZeroBitCount) / 2, lane: lane.name,
        branch: lane.history.branch.number)
    }
    if let before, before.basis == basis {
      self = before
      return
    }
    self.basis = basis
    let losses = lanes.map { Losses(of: $0, over: steps, columns: Self.columns) }
    let ratio = Losses.ratio(losses)
    isAutomaticallyLogarithmic =
      ratio > (before?.isAutomaticallyLogarithmic == true ? Self.linearRatio : Self.logarithmicRatio)
    isLogarithmic = scale == .logarithmic || (scale == .automatic && isAutomaticallyLogarithmic)
    let (needed, rounded) = Self.lossRange(losses, isLogarithmic: isLogarithmic) ?? (nil, nil)
    if let before, let held = before.loss, let needed, let rounded, before.isLogarithmic == isLogarithmic,
      before.basis.map(\.steps) == basis.map(\.steps), before.basis.map(\.lane) == basis.map(\.lane),
      held.lowerBound <= needed.lowerBound, held.upperBound >= needed.upperBound,
      Self.height(held, isLogarithmic) <= Self.heldRatio * Self.height(rounded, isLogarithmic)
    {
      loss = held
    } else {
      loss = rounded
    }
    accuracy = Self.accuracyRange(lanes, steps)
  }

  /// The scale of loss charts.
  var lossScale: ChartScale { isLogarithmic ? .log : .linear }

  /// The note on a loss chart's axis, which says whether it is logarithmic.
  var lossNote: String { isLogarithmic ? "log" : "" }

  // The losses of a lane in the visible steps, with their relative positions.
  private struct Losses {
    // Means of columns.
    var training: [(place: Double, value: Double)] = []
    // Without those before the first update.
    var validation: [(place: Double, value: Double)] = []

    init(of lane: LaneModel, over steps: ClosedRange<Double>, columns: Int) {
      let buckets = lane.series(.trainLoss).columns(columns, over: steps)
      // With few columns, a mean says little about the values.
      let isShort = buckets.count { !$0.isEmpty } < 6
      for (column, bucket) in buckets.enumerated() {
        guard let mean = bucket.mean else { continue }
        let place = steps.lowerBound + (Double(column) + 0.5) * Self.width(steps, columns)
        let values = isShort ? [Double(bucket.minimum), mean, Double(bucket.maximum)] : [mean]
        training += values.map { (place, $0) }
      }
      validation = SharedRanges.points(lane.series(.validationLoss), steps)
        .filter { $0.step > 0 && $0.value.isFinite }.map { (Double($0.step), Double($0.value)) }
    }

    private static func width(_ steps: ClosedRange<Double>, _ columns: Int) -> Double {
      (steps.upperBound - steps.lowerBound) / Double(columns)
    }

    var all: [Double] { (training + validation).map(\.value) }

    // The losses of the second half.
    private func recent(_ losses: [(place: Double, value: Double)]) -> [Double] {
      let places = (training + validation).map(\.place)
      guard let first = places.min(), let last = places.max() else { return [] }
      let late = losses.filter { $0.place >= (first + last) / 2 }
      return (late.isEmpty ? losses.suffix(1) : late[...]).map(\.value)
    }

    // Covers, of the second half, the 2-98 % quantiles of training losses and most validation losses.
    func recentRange(_ project: (Double) -> Double?) -> ClosedRange<Double>? {
      let (training, validation) = (recent(training).compactMap(project), recent(validation).compactMap(project))
      guard !training.isEmpty || !validation.isEmpty else { return nil }
      let low = [training.quantile(0.02), validation.quantile(0)].compactMap(\.self).min() ?? 0
      let high = [training.quantile(0.98), validation.quantile(0.9)].compactMap(\.self).max() ?? 0
      return low...max(low, high)
    }

    // Covers all but the highest training losses.
    func wholeRange(_ project: (Double) -> Double?) -> ClosedRange<Double>? {
      let (training, validation) = (
        training.map(\.value).compactMap(project), validation.map(\.value).compactMap(project)
      )
      guard !training.isEmpty || !validation.isEmpty else { return nil }
      let low = [training.quantile(0.02), validation.quantile(0)].compactMap(\.self).min() ?? 0
      let high = [training.quantile(0.94), validation.quantile(0.95)].compactMap(\.self).max() ?? 0
      return low...max(low, high)
    }

    // The ratio of the largest to the smallest loss.
    static func ratio(_ losses: [Losses]) -> Double {
      let values = losses.flatMap(\.all).filter { $0 > 0 }
      guard let low = values.min(), let high = values.max() else { return 1 }
      return high / low
    }
  }

  private static func height(_ range: ClosedRange<Double>, _ isLogarithmic: Bool) -> Double {
    let scale: ChartScale = isLogarithmic ? .log : .linear
    return scale.project(range.upperBound) - scale.project(range.lowerBound)
  }

  // The required range, and the range rounded outwards.
  private static func lossRange(
    _ losses: [Losses], isLogarithmic: Bool
  ) -> (needed: ClosedRange<Double>, rounded: ClosedRange<Double>)? {
    func project(_ value: Double) -> Double? {
      isLogarithmic ? (value > 0 ? ChartScale.log.project(value) : nil) : value
    }
    func union(_ ranges: [ClosedRange<Double>]) -> ClosedRange<Double>? {
      guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else { return nil }
      return low...high
    }
    guard let recent = union(losses.compactMap { $0.recentRange(project) }),
      let whole = union(losses.compactMap { $0.wholeRange(project) })
    else { return nil }
    // Recent losses take at least a third of the height, but noise alone does not fill it.
    let span = max(3 * (recent.upperBound - recent.lowerBound), isLogarithmic ? 1.5 : 0.5 * recent.upperBound)
    let upper = max(recent.upperBound, min(whole.upperBound, recent.lowerBound + span))
    let lower = min(recent.lowerBound, max(whole.lowerBound, upper - span))
    if isLogarithmic {
      let needed = ChartScale.log.unproject(lower)...ChartScale.log.unproject(upper)
      return (needed, roundedDown(needed.lowerBound * 0.9)...roundedUp(needed.upperBound * 1.2))
    }
    let top = roundedUp(upper * 1.08)
    // A range that comes near zero includes it.
    guard lower > 0.4 * top else { return (lower...upper, min(0, lower)...max(top, 1e-6)) }
    let step = niceStep((top - lower) / 4)
    return (lower...upper, ((lower / step).rounded(.down) * step - (lower > step ? step * 0.2 : 0))...top)
  }

  private static func accuracyRange(_ lanes: [LaneModel], _ steps: ClosedRange<Double>) -> ClosedRange<Double>? {
    var least = Double.infinity
    var greatest = -Double.infinity
    for lane in lanes {
      for series in [lane.series(.validationAccuracy), lane.latentAccuracy] {
        let shown = points(series, steps)
        for point in trained(shown) where point.value.isFinite {
          least = min(least, Double(point.value))
          greatest = max(greatest, Double(point.value))
        }
      }
    }
    guard least <= greatest else { return nil }
    let padding = max(0.004, (greatest - least) * 0.08)
    let step = niceStep((greatest - least + 2 * padding) / 5)
    let lower = max(0, ((least - padding) / step).rounded(.down) * step)
    let upper = min(1, ((greatest + padding) / step).rounded(.up) * step)
    return lower...max(upper, lower + 0.01)
  }

  // The points without the untrained network's, which would compress all others; but both if there are two, whose line
  // would be vertical.
  private static func trained(_ points: ArraySlice<MetricPoint>) -> ArraySlice<MetricPoint> {
    guard points.count > 2, let first = points.first, first.step == 0 else { return points }
    return points.dropFirst()
  }

  fileprivate static func points(_ series: MetricSeries, _ steps: ClosedRange<Double>) -> ArraySlice<MetricPoint> {
    let first = series.firstIndex(atOrAfter: Int(steps.lowerBound))
    let end = series.firstIndex(atOrAfter: Int(steps.upperBound) + 1)
    return series.points[first..<max(first, end)]
  }

  private static let mantissas: [Double] = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

  private static func roundedUp(_ value: Double) -> Double {
    let unit = decade(of: value)
    return (mantissas.first { $0 * unit >= value } ?? 10) * unit
  }

  private static func roundedDown(_ value: Double) -> Double {
    let unit = decade(of: value)
    return (mantissas.last { $0 * unit <= value } ?? 1) * unit
  }

  private static func niceStep(_ value: Double) -> Double {
    let unit = decade(of: value)
    return ([1, 2, 5, 10].first { $0 * unit >= value } ?? 10) * unit
  }

  // The power of ten at or below a positive value.
  private static func decade(of value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    var unit = 1.0
    while unit > value { unit /= 10 }
    while unit * 10 <= value { unit *= 10 }
    return unit
  }
}

extension [Double] {
  // The `q`-quantile, interpolated; nil if there are no values.
  fileprivate func quantile(_ q: Double) -> Double? {
    guard !isEmpty else { return nil }
    let sorted = sorted()
    let place = q * Double(count - 1)
    let index = Int(place)
    guard index + 1 < count else { return sorted[count - 1] }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }
}
