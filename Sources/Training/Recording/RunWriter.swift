import EngineProtocol
import Foundation
import RunStore
import TrainingMetrics

/// Copies the engine's record to the run's directory, batch by batch.
struct RunWriter {
  /// How much of the engine's record is written.
  struct Position {
    var cursor = EventCursor()
    var times: [BranchKey: Int] = [:]
    /// The resumed run; nil for a new run.
    var resumption: Resumption?

    /// Nothing is written.
    init() {}

    /// The state of a resumed run, whose directory already contains the start of the engine's record.
    /// - Parameter cuts: the first step of each branch that is trained again.
    init(_ history: RunHistory, cuts: [BranchKey: Int]) {
      cursor.eventCount = history.events.count
      for (key, points) in history.series { cursor.pointCounts[key] = points.count }
      for (key, sketch) in history.sketches { cursor.pointCounts[key] = sketch.pointCount }
      for (key, steps) in history.times { times[key] = steps.count }
      resumption = Resumption(history: history, cuts: cuts)
    }

    /// The position in an engine's record that has `count` events before those of the run. Of a new run these are written
    /// too.
    func moved(behind count: Int) -> Position {
      guard resumption != nil else { return self }
      var moved = self
      moved.cursor.eventCount += count
      return moved
    }
  }

  /// The contents of a resumed run's directory, and the first step of each branch that is trained again.
  struct Resumption {
    var history: RunHistory
    var cuts: [BranchKey: Int]
  }

  /// Why writing currently fails; nil if it works.
  private(set) var problem: String?

  private let archive: RunArchive
  private let record: EngineRecord
  private var position: Position
  // Nil while its files can't be written, and before the first batch of a resumed run.
  private var tensorBoard: TensorBoardWriter?
  // Number of points of each series when the summaries were last written.
  private var summarized: [SeriesKey: Int]
  private var nextTensorBoardAttempt = Date.distantPast
  private var lastSnapshots = Date.distantPast

  init(archive: RunArchive, record: EngineRecord, position: Position) {
    self.archive = archive
    self.record = record
    self.position = position
    summarized = position.cursor.pointCounts
    let folder = RunWriter.tensorBoardFolder(of: archive)
    tensorBoard = position.resumption == nil ? TensorBoardWriter(directory: folder) : nil
  }

  /// Returns the directory of a run's TensorBoard files.
  static func tensorBoardFolder(of archive: RunArchive) -> String { archive.directory + "/tensorboard" }

  /// How many of the engine's events are written.
  var eventCount: Int { position.cursor.eventCount }

  /// Whether the last attempt has failed.
  var isStuck: Bool { problem != nil }

  /// Writes new data.
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
        record.warn("\(error); training continues, and its measurements are kept in memory until they can be written")
      }
      problem = "\(error)"
      return
    }
    position.cursor = news.cursor
    for (key, new) in times { position.times[key, default: 0] += new.count }
    summarize(after: 1 << 16)
    record.forget(points: position.cursor.pointCounts, times: position.times)
    if problem != nil {
      problem = nil
      // Before clients learn that the run is recorded again.
      record.didRecord(events: position.cursor.eventCount)
      record.append(.health(HealthReport(.information, "the run is recorded again", time: now.timeIntervalSince1970)))
    }
    log(news.events)
    writeTensorBoard(batch, now)
  }

  // Summaries make a long run quick to open. They can be recreated, so an error here is ignored.
  private mutating func summarize(after count: Int) {
    let isDue = position.cursor.pointCounts.contains { $1 - (summarized[$0] ?? 0) >= count }
    guard isDue else { return }
    summarized = position.cursor.pointCounts
    try? archive.write(record.sketches())
  }

  /// Closes open files.
  mutating func finish() {
    if problem == nil { summarize(after: 1) }
    do { try tensorBoard?.close() } catch { archive.log("warning: \(error)") }
  }

  private mutating func writeTensorBoard(_ batch: RunBatch, _ now: Date) {
    do {
      if tensorBoard == nil, let resumption = position.resumption, !isBehind {
        tensorBoard = try resumed(resumption, now)
      }
      position.resumption = nil
      if let tensorBoard {
        try tensorBoard.write(batch, time: now.timeIntervalSince1970)
        try tensorBoard.flush()
      } else if now >= nextTensorBoardAttempt {
        // The database contains everything that the files lack.
        let folder = RunWriter.tensorBoardFolder(of: archive)
        tensorBoard = try TensorBoardWriter.retell(try archive.history(), directory: folder)
        unlink(behindMark)
      }
    } catch {
      if tensorBoard != nil { record.warn("TensorBoard's event files can't be written: \(error)") }
      tensorBoard = nil
      position.resumption = nil
      // Lets the next engine know that the files are incomplete if this one does not complete them.
      _ = FileManager.default.createFile(atPath: behindMark, contents: nil)
      nextTensorBoardAttempt = now.addingTimeInterval(10)
    }
  }

  // Nil if files are missing, in which case they are all written again.
  private func resumed(_ resumption: Resumption, _ now: Date) throws -> TensorBoardWriter? {
    let folder = RunWriter.tensorBoardFolder(of: archive)
    let writer = TensorBoardWriter(directory: folder, after: resumption.history)
    guard writer.isThere else { return nil }
    try writer.cut(resumption.cuts, resumption.history, time: now.timeIntervalSince1970) {
      [archive] (key, step) throws(StoreError) in
      try archive.points(of: key, after: step - 1, offset: 0, count: -1)
    }
    return writer
  }

  // A marker that exists while TensorBoard's files lack data of the database.
  private var behindMark: String { RunWriter.tensorBoardFolder(of: archive) + ".behind" }
  private var isBehind: Bool { FileManager.default.fileExists(atPath: behindMark) }

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
      case .failed(let message, _): archive.log("failed: \(message)")
      default: break
      }
    }
  }
}
