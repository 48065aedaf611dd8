import EngineProtocol
import TrainingMetrics

/// The values that the charts of all lanes show, the same for each, so that two panels side by side can be compared.
///
/// Both ranges are rounded outwards, so that they change seldom; what lies beyond is counted at the chart's edge. A lane
/// that has failed has ranges of its own: what made it fail would press the others together.
struct SharedRanges: Hashable {
  /// Losses; nil before the first.
  let loss: ClosedRange<Double>?
  /// Accuracies, within 0...1; nil before the first.
  let accuracy: ClosedRange<Double>?

  // What they were found of.
  private let basis: [Basis]

  private struct Basis: Hashable {
    var steps: ClosedRange<Double>
    var isLogarithmic: Bool
    var validations: Int
    var column: Int
    var columnSize: Int
    var lane: String
    var branch: Int
  }

  private static let columns = 72

  /// The ranges of the lanes that have not failed, or of all where every one has.
  /// - Parameter before: those of the frame before, which hold until a column is full or four times as full as then.
  init(lanes: [LaneModel], steps: ClosedRange<Double>, isLogarithmic: Bool, before: SharedRanges? = nil) {
    let sound = lanes.filter { !$0.hasFailed }
    let lanes = sound.isEmpty ? lanes : sound
    basis = lanes.map { lane in
      let series = lane.series(.trainLoss)
      let width = (steps.upperBound - steps.lowerBound) / Double(Self.columns)
      let end = min(Double(series.last?.step ?? 0), steps.upperBound)
      let column = width > 0 ? ((end - steps.lowerBound) / width).rounded(.down) : 0
      let first = series.firstIndex(atOrAfter: Int(steps.lowerBound + column * width))
      return Basis(
        steps: steps, isLogarithmic: isLogarithmic,
        validations: lane.series(.validationLoss).count + lane.latentAccuracy.count, column: Int(column),
        columnSize: (Int.bitWidth - (series.count - first).leadingZeroBitCount) / 2, lane: lane.name,
        branch: lane.history.branch.number)
    }
    if let before, before.basis == basis {
      (loss, accuracy) = (before.loss, before.accuracy)
      return
    }
    loss = Self.lossRange(lanes, steps, isLogarithmic: isLogarithmic)
    accuracy = Self.accuracyRange(lanes, steps)
  }

  // Of the training losses all but the highest fourteenth, which are the first ones; of the validations all after the
  // first step.
  private static func lossRange(
    _ lanes: [LaneModel], _ steps: ClosedRange<Double>, isLogarithmic: Bool
  ) -> ClosedRange<Double>? {
    var means: [Double] = []
    var highest = -Double.infinity
    for lane in lanes {
      means += lane.series(.trainLoss).columns(Self.columns, over: steps).compactMap(\.mean)
      for point in points(lane.series(.validationLoss), steps) where point.step > 0 && point.value.isFinite {
        highest = max(highest, Double(point.value))
        means.append(Double(point.value))
      }
    }
    guard !means.isEmpty else { return nil }
    means.sort()
    let lower = means[means.count / 50]
    let upper = max(highest, means[means.count - 1 - means.count / 14])
    if isLogarithmic {
      guard let positive = means.first(where: { $0 > 0 }) else { return nil }
      return roundedDown(max(lower, positive) * 0.9)...roundedUp(max(upper, positive) * 1.5)
    }
    let top = roundedUp(upper * 1.08)
    // A curve that comes near to zero is seen against it.
    guard lower > 0.4 * top else { return min(0, lower)...max(top, 1e-6) }
    let step = niceStep((top - lower) / 4)
    return ((lower / step).rounded(.down) * step - (lower > step ? step * 0.2 : 0))...top
  }

  private static func accuracyRange(_ lanes: [LaneModel], _ steps: ClosedRange<Double>) -> ClosedRange<Double>? {
    var least = Double.infinity
    var greatest = -Double.infinity
    for lane in lanes {
      for series in [lane.series(.validationAccuracy), lane.latentAccuracy] {
        let shown = points(series, steps)
        // The untrained network's accuracy would press all others together.
        let trained = shown.filter { $0.step > 0 }
        for point in trained.isEmpty ? Array(shown) : trained where point.value.isFinite {
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

  private static func points(_ series: MetricSeries, _ steps: ClosedRange<Double>) -> ArraySlice<MetricPoint> {
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
