import EngineProtocol
import Synchronization
import TrainingMetrics

/// What a lane has measured and how it stands: written by the lane's thread, read by anyone.
///
/// The lane waits for no reader longer than it takes to copy what is new.
final class LaneRecord: Sendable {
  private let series = Mutex<[MetricKey: [MetricPoint]]>([:])
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
        series[key, default: []].append(MetricPoint(step: step, value: value))
      }
    }
  }

  /// The points of each series after the first `counts` ones.
  func points(after counts: [MetricKey: Int]) -> [(MetricKey, [MetricPoint])] {
    series.withLock { series in
      series.compactMap { key, points in
        let read = min(points.count, counts[key] ?? 0)
        return read < points.count ? (key, Array(points[read...])) : nil
      }
    }
  }
}
