package import EngineProtocol
import Foundation
package import TrainingMetrics

// Continuing the event files of a resumed run. A reader may have them open, so none is deleted or rewritten. Steps that
// are trained again go to a new file, which starts with the first step for which the older files are no longer valid.

extension TensorBoardWriter {
  /// Continues after a resume, in which some steps of branches are no longer valid.
  /// - Parameters:
  ///   - cuts: the first invalid step of each branch.
  ///   - history: the recorded run.
  ///   - points: returns the recorded points of a series from a step on.
  /// - Throws: `StoreError` with code `diskFull` or `notWritable`.
  package func cut(
    _ cuts: [BranchKey: Int], _ history: RunHistory, time: Double,
    points: (SeriesKey, Int) throws(StoreError) -> [MetricPoint]
  ) throws(StoreError) {
    for folder in folders { try EventFile.mend(folder) }
    let names = Set(history.series.keys).union(history.sketches.keys)
    for (branch, step) in cuts.sorted(by: { ($0.key.lane, $0.key.branch) < ($1.key.lane, $1.key.branch) }) {
      try file(branch, time: time).appendRestart(step: step, time: time)
      for recorded in history.events {
        switch recorded.event {
        case .applied(_, let entry)
        where (entry.lane, entry.branch) == (branch.lane, branch.branch) && entry.step >= step:
          try write(recorded.event, times: [:], time: recorded.time)
        case .layers(let report)
        where (report.lane, report.branch) == (branch.lane, branch.branch) && report.step >= step:
          try write(recorded.event, times: [:], time: recorded.time)
        default: break
        }
      }
      for key in Self.inOrder(names) where (key.lane, key.branch) == (branch.lane, branch.branch) {
        // Later measurements are written as usual.
        let last = history.sketches[key]?.last?.step ?? history.series[key]?.last?.step ?? .min
        let rest = last < step ? [] : try points(key, step).filter { $0.step <= last }
        guard !rest.isEmpty else { continue }
        let event = EngineEvent.points(lane: key.lane, branch: key.branch, key.key, rest)
        try write(event, times: history.times, time: time)
      }
    }
  }

  /// Writes a whole run again, to files after the existing ones, because these are incomplete.
  /// - Returns: the writer for what follows.
  /// - Throws: `StoreError` with code `diskFull` or `notWritable`.
  package static func retell(_ history: RunHistory, directory: String) throws(StoreError) -> TensorBoardWriter {
    let writer = TensorBoardWriter(directory: directory)
    writer.retells = true
    defer { writer.retells = false }
    let start = history.events.first?.time ?? history.description.startedAt
    writer.learn([.started(history.description)] + history.events.map(\.event), history.snapshots)
    for (key, points) in history.series where key.key == MetricKey(.learningRate) && key.branch == 1 {
      if let first = points.first { writer.learn(firstLearningRate: first.value, of: key.lane) }
    }
    for folder in writer.folders { try EventFile.mend(folder) }
    try writer.startSessions(time: start)
    for recorded in history.events { try writer.write(recorded.event, times: [:], time: recorded.time) }
    for key in inOrder(history.series.keys) {
      let event = EngineEvent.points(lane: key.lane, branch: key.branch, key.key, history.series[key] ?? [])
      try writer.write(event, times: history.times, time: start)
    }
    writer.keepTimes(of: history)
    try writer.flush()
    return writer
  }

  /// Whether every branch of the run has event files.
  package var isThere: Bool { folders.allSatisfy { !EventFile.files(in: $0).isEmpty } }

  private static func inOrder(_ keys: some Sequence<SeriesKey>) -> [SeriesKey] {
    keys.sorted {
      ($0.lane, $0.branch, $0.key.metric.rawValue, $0.key.layer ?? "")
        < ($1.lane, $1.branch, $1.key.metric.rawValue, $1.key.layer ?? "")
    }
  }
}
