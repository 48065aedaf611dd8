import EngineProtocol
import Foundation
import RunStore
import Synchronization
import TrainingMetrics

/// What a lane has measured and how it stands: written by the lane's thread, read by anyone.
///
/// The lane waits for no reader longer than it takes to copy what is new.
final class LaneRecord: Sendable {
  private struct Branch {
    var series: [MetricKey: [MetricPoint]] = [:]
    var times: [StepTime] = []
  }

  private let name: String
  private let branches = Mutex<[Int: Branch]>([:])
  private let latest: Mutex<LaneSnapshot>

  init(_ snapshot: LaneSnapshot) {
    name = snapshot.name
    latest = Mutex(snapshot)
  }

  /// How the lane stands.
  var snapshot: LaneSnapshot { latest.withLock { $0 } }

  /// Replaces how the lane stands.
  func publish(_ snapshot: LaneSnapshot) { latest.withLock { $0 = snapshot } }

  /// Appends a value at `step` to each of a branch's series.
  func append(_ values: [(MetricKey, Float)], step: Int, branch: Int) {
    let now = Date().timeIntervalSince1970
    branches.withLock { branches in
      for (key, value) in values {
        branches[branch, default: Branch()].series[key, default: []].append(MetricPoint(step: step, value: value))
      }
      if branches[branch]?.times.last?.step != step {
        branches[branch, default: Branch()].times.append(StepTime(step: step, time: now))
      }
    }
  }

  /// Takes in what a run's directory holds of the lane.
  func restore(_ history: RunHistory) {
    branches.withLock { branches in
      for (key, points) in history.series where key.lane == name {
        branches[key.branch, default: Branch()].series[key.key] = points
      }
      for (key, times) in history.times where key.lane == name {
        branches[key.branch, default: Branch()].times = times
      }
    }
  }

  /// The points of each series after those that `cursor` has read.
  func points(after cursor: EventCursor) -> [(SeriesKey, [MetricPoint])] {
    branches.withLock { branches in
      branches.sorted { $0.key < $1.key }.flatMap { number, branch in
        branch.series.compactMap { key, points in
          let key = SeriesKey(lane: name, branch: number, key)
          let read = min(points.count, cursor.pointCounts[key] ?? 0)
          return read < points.count ? (key, Array(points[read...])) : nil
        }
      }
    }
  }

  /// The times of the steps after the first `counts` ones of each branch.
  func times(after counts: [BranchKey: Int]) -> [BranchKey: [StepTime]] {
    branches.withLock { branches in
      var new: [BranchKey: [StepTime]] = [:]
      for (number, branch) in branches {
        let key = BranchKey(lane: name, branch: number)
        let read = min(branch.times.count, counts[key] ?? 0)
        if read < branch.times.count { new[key] = Array(branch.times[read...]) }
      }
      return new
    }
  }
}
