import SwiftProtobuf
import TrainingMetrics

extension TBEvent {
  /// A histogram over equal bins.
  static func histogram(_ histogram: Histogram, tag: String, step: Int, time: Double) -> TBEvent {
    let lower = Double(histogram.lowerBound)
    let width = (Double(histogram.upperBound) - lower) / Double(max(1, histogram.counts.count))
    return bins(
      histogram.counts.enumerated().map { (lower + Double($0) * width, lower + Double($0 + 1) * width, $1) },
      tag: tag, step: step, time: time)
  }

  /// How many weights have flipped `n` times, as the bin `[n, n + 1]`.
  static func flips(_ flips: FlipStatistics, tag: String, step: Int, time: Double) -> TBEvent {
    bins(
      flips.weightsByFlips.enumerated().map { (Double($0), Double($0 + 1), $1) },
      tag: tag, step: step, time: time)
  }

  // The histograms plug-in's tensor of shape [bins, 3]: lower end, upper end and count of each.
  private static func bins(
    _ bins: [(lower: Double, upper: Double, count: Int)], tag: String, step: Int, time: Double
  ) -> TBEvent {
    var value = TBSummary.Value()
    value.tag = tag
    value.metadata.pluginData.pluginName = "histograms"
    value.metadata.dataClass = .tensor
    value.tensor.dtype = .dtDouble
    value.tensor.tensorShape.dim = [.with { $0.size = Int64(bins.count) }, .with { $0.size = 3 }]
    value.tensor.doubleVal = bins.flatMap { [$0.lower, $0.upper, Double($0.count)] }
    return TBEvent(value, step: step, time: time)
  }
}
