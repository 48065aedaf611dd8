import EngineProtocol
import Synchronization
import TrainingMetrics

/// What a lane has measured and how it stands: written by the lane's thread, read by anyone.
///
/// The lane never waits for a reader: a reader copies what is new and lets go.
final class LaneRecord: Sendable {
  private let series = Mutex<[MetricKey: MetricSeries]>([:])
  private let latest: Mutex<LaneSnapshot>

  init(_ snapshot: LaneSnapshot) { latest = Mutex(snapshot) }

  /// How the lane stands.
  var snapshot: LaneSnapshot { latest.withLock { $0 } }

  /// Replaces how the lane stands.
  func publish(_ snapshot: LaneSnapshot) { latest.withLock { $0 = snapshot } }

  /// Appends a value at `step` to each of the series.
  func append(_ values: [(MetricKey, Float)], step: Int) {
    series.withLock { series in
      for (key, value) in values {
        series[key, default: MetricSeries()].append(MetricPoint(step: step, value: value))
      }
    }
  }

  /// The points of each series after the first `counts` ones.
  func points(after counts: [MetricKey: Int]) -> [(MetricKey, [MetricPoint])] {
    series.withLock { series in
      series.compactMap { key, series in
        let read = min(series.count, counts[key] ?? 0)
        return read < series.count ? (key, Array(series.points[read...])) : nil
      }
    }
  }
}
