import EngineProtocol
import Foundation
import RunStore

/// Carries the engine's record to the run's directory, piece by piece.
struct RunWriter {
  /// How much of the engine's record is written.
  struct Position {
    var cursor = EventCursor()
    var times: [BranchKey: Int] = [:]
    /// Whether TensorBoard's files are to be made anew: what they tell beyond the checkpoints would be told twice.
    var rewritesTensorBoard = false

    /// Nothing is written.
    init() {}

    /// A run's directory holds this already, and the engine's record begins with it.
    init(_ history: RunHistory) {
      cursor.eventCount = history.events.count
      for (key, points) in history.series { cursor.pointCounts[key] = points.count }
      for (key, steps) in history.times { times[key] = steps.count }
      rewritesTensorBoard = true
    }
  }

  /// Why nothing can be written at the moment; nil where all is well.
  private(set) var problem: String?

  private let archive: RunArchive
  private let record: EngineRecord
  private var position: Position
  // Nil while its files can't be written.
  private var tensorBoard: TensorBoardWriter?
  private var nextTensorBoardAttempt = Date.distantPast
  private var lastSnapshots = Date.distantPast

  init(archive: RunArchive, record: EngineRecord, position: Position) {
    self.archive = archive
    self.record = record
    self.position = position
    let folder = RunWriter.tensorBoardFolder(of: archive)
    tensorBoard = position.rewritesTensorBoard ? nil : TensorBoardWriter(directory: folder)
  }

  /// Where TensorBoard's event files of a run are.
  static func tensorBoardFolder(of archive: RunArchive) -> String { archive.directory + "/tensorboard" }

  /// Whether the last attempt has failed.
  var isStuck: Bool { problem != nil }

  /// Writes what is new.
  mutating func writeNew() {
    let news = record.events(after: position.cursor, isRecorder: true)
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
  func finish() {
    do { try tensorBoard?.close() } catch { archive.log("warning: \(error)") }
  }

  private mutating func writeTensorBoard(_ batch: RunBatch, _ now: Date) {
    do {
      if let tensorBoard {
        try tensorBoard.write(batch, time: now.timeIntervalSince1970)
        try tensorBoard.flush()
      } else if now >= nextTensorBoardAttempt {
        // The database has all that the files lack.
        let history = try archive.history()
        let folder = RunWriter.tensorBoardFolder(of: archive)
        try TensorBoardWriter.rewrite(history, directory: folder)
        tensorBoard = TensorBoardWriter(directory: folder, after: history)
      }
    } catch {
      if tensorBoard != nil { record.warn("TensorBoard's event files can't be written: \(error)") }
      tensorBoard = nil
      nextTensorBoardAttempt = now.addingTimeInterval(10)
    }
  }

  private func log(_ events: [EngineEvent]) {
    for event in events {
      switch event {
      case .started(let run):
        archive.log("started \(run.name) on \(run.dataset), seed \(run.seed)")
        for note in run.notes ?? [] { archive.log("data set: \(note)") }
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
