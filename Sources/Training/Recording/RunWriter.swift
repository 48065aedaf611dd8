import EngineProtocol
import Foundation
import RunStore

/// Carries the engine's record to the run's directory, piece by piece.
struct RunWriter {
  /// How much of the engine's record is written.
  struct Position {
    var cursor = EventCursor()
    var times: [BranchKey: Int] = [:]
  }

  /// Why nothing can be written at the moment; nil where all is well.
  private(set) var problem: String?

  private let archive: RunArchive
  private let record: EngineRecord
  private var position: Position
  private var tensorBoard: TensorBoardWriter?
  private var lastSnapshots = Date.distantPast

  init(archive: RunArchive, record: EngineRecord, position: Position) {
    self.archive = archive
    self.record = record
    self.position = position
    tensorBoard = TensorBoardWriter(directory: archive.directory)
  }

  /// Whether the last attempt has failed.
  var isStuck: Bool { problem != nil }

  /// Writes what is new.
  mutating func writeNew() {
    let news = record.events(after: position.cursor)
    guard !news.events.isEmpty else { return }
    let times = record.times(after: position.times)
    var batch = RunBatch(events: news.events, times: times)
    let now = Date()
    let hasTold = news.events.contains { if case .points = $0 { false } else { true } }
    if hasTold || now.timeIntervalSince(lastSnapshots) > 5 {
      batch.snapshots = record.snapshots
      lastSnapshots = now
    }
    do {
      try archive.write(batch, time: now.timeIntervalSince1970)
    } catch {
      if problem == nil {
        record.warn("\(error); training goes on, and what it measures is kept in memory until it can be written")
      }
      problem = "\(error)"
      return
    }
    position.cursor = news.cursor
    for (key, new) in times { position.times[key, default: 0] += new.count }
    if problem != nil {
      problem = nil
      record.append(.health(HealthReport(.information, "the run is recorded again", time: now.timeIntervalSince1970)))
    }
    log(news.events)
    writeTensorBoard(batch, now)
  }

  /// Closes what is open.
  mutating func finish() {
    tensorBoard?.close()
    tensorBoard = nil
  }

  private mutating func writeTensorBoard(_ batch: RunBatch, _ now: Date) {
    guard let writer = tensorBoard else { return }
    do {
      try writer.write(batch, time: now.timeIntervalSince1970)
    } catch {
      // The metrics are safe in the database; a resume makes the event files anew.
      tensorBoard = nil
      record.warn("TensorBoard's event files are not written any more: \(error)")
    }
  }

  private func log(_ events: [EngineEvent]) {
    for event in events {
      switch event {
      case .started(let run): archive.log("started \(run.name) on \(run.dataset), seed \(run.seed)")
      case .epoch(let report):
        archive.log(
          "\(report.lane) epoch \(report.epoch) step \(report.step) validation loss \(report.validationLoss) accuracy \(report.validationAccuracy)"
        )
      case .applied(_, let entry):
        archive.log("\(entry.lane) step \(entry.step) \(entry.change) \(entry.origin)")
      case .health(let report): archive.log("\(report.severity.rawValue): \(report.message)")
      case .laneEnded(let result):
        archive.log(
          "\(result.lane) ended at step \(result.steps) \(result.failure ?? "") \(result.weightsSHA256 ?? "")")
      case .failed(let message): archive.log("failed: \(message)")
      default: break
      }
    }
  }
}
