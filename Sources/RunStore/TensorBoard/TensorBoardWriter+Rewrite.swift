import EngineProtocol
import Foundation
import TrainingMetrics

extension TensorBoardWriter {
  /// Makes a run's event files anew: after a resume has cut off what was trained twice.
  ///
  /// The files are written into a folder beside `directory`, which then takes its place; a reader sees the old ones or
  /// the new ones. Go on with `init(directory:after:)`.
  /// - Throws: `StoreError` of code `diskFull` or `notWritable`; the old files are then as they were.
  package static func rewrite(_ history: RunHistory, directory: String) throws(StoreError) {
    let files = FileManager.default
    let fresh = directory + ".new"
    let stale = directory + ".old"
    try? files.removeItem(atPath: fresh)
    do {
      let writer = TensorBoardWriter(directory: fresh)
      try writer.write(history)
      try writer.close()
    } catch {
      try? files.removeItem(atPath: fresh)
      throw error
    }
    do {
      // Left by a rewrite that was killed between the two moves.
      if files.fileExists(atPath: directory), files.fileExists(atPath: stale) { try files.removeItem(atPath: stale) }
      try files.createDirectory(atPath: fresh, withIntermediateDirectories: true)
      if files.fileExists(atPath: directory) { try files.moveItem(atPath: directory, toPath: stale) }
      try files.moveItem(atPath: fresh, toPath: directory)
    } catch {
      if !files.fileExists(atPath: directory) { try? files.moveItem(atPath: stale, toPath: directory) }
      throw EventFile.failure(directory, error)
    }
    try? files.removeItem(atPath: stale)
  }

  private func write(_ history: RunHistory) throws(StoreError) {
    let start = history.events.first?.time ?? history.description.startedAt
    learn([.started(history.description)] + history.events.map(\.event), history.snapshots)
    for (key, points) in history.series where key.key == MetricKey(.learningRate) && key.branch == 1 {
      if let first = points.first { learn(firstLearningRate: first.value, of: key.lane) }
    }
    try startSessions(time: start)
    for recorded in history.events { try write(recorded.event, times: [:], time: recorded.time) }
    let order = history.series.keys.sorted {
      ($0.lane, $0.branch, $0.key.metric.rawValue, $0.key.layer ?? "")
        < ($1.lane, $1.branch, $1.key.metric.rawValue, $1.key.layer ?? "")
    }
    for key in order {
      let event = EngineEvent.points(lane: key.lane, branch: key.branch, key.key, history.series[key] ?? [])
      try write(event, times: history.times, time: start)
    }
  }
}
