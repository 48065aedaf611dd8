import ArgumentParser
import EngineProtocol
import Foundation
import TerminalUI
import TrainingMetrics

/// The output of headless training: JSON lines or a summary on standard output, progress on standard error.
struct HeadlessOutput {
  /// How the training ended; nil while it continues.
  private(set) var end: Result<Void, any Error>?
  /// Why standard output can't be written; nil if it can.
  private(set) var failure: StreamError?

  private let writesJSON: Bool
  private var line = RewrittenLine()
  private var showsProgress = true
  private var results: [LaneResult] = []
  private var findings: [HealthReport] = []
  private var order: [String] = []
  private var lastProgress = Date.distantPast

  init(writesJSON: Bool) { self.writesJSON = writesJSON }

  /// Writes an event.
  mutating func write(_ event: EngineEvent) {
    switch event {
    case .started(let run):
      order = run.lanes.map(\.name)
      if writesJSON {
        write(JSONLines.started(run))
      } else {
        note(heading(run))
      }
      for text in run.notes ?? [] { note("\(run.dataset): \(text)") }
    case .epoch(let report):
      if writesJSON { write(JSONLines.epoch(report)) } else { note(line(report)) }
    case .applied(_, let entry):
      if writesJSON { write(JSONLines.applied(entry)) }
    case .refused(_, let reason):
      note("refused: \(reason)")
    case .laneEnded(let result):
      // A lane that was rewound or resumed ends again.
      results.removeAll { $0.lane == result.lane }
      results.append(result)
      if let failure = result.failure { note("lane \(result.lane) has failed: \(failure)") }
    case .finished:
      results = results.ordered(as: order)
      end = results.allSatisfy(\.hasDoneAll) ? .success(()) : .failure(ExitCode.failure)
    case .failed(let message, _):
      end = .failure(TrainingError(message))
    case .health(let report):
      note(report.message)
      guard let finding = report.finding else { break }
      findings.append(report)
      if writesJSON { write(JSONLines.health(finding, report.message)) }
    case .engineLost(let message):
      end = .failure(TrainingError(message))
    case .points, .sketch, .stretch, .catalog, .downloadEnded, .layers, .laneAdded, .branched, .checkpointed,
      .checkpointDeleted, .lanePacked, .laneTimed, .laneExported, .laneInspected, .laneClassified, .imageAnswered,
      .rateFound, .momentsCompared, .weightsRead, .deploymentFailed:
      break
    }
  }

  /// Records that the run was suspended, so that it can be resumed.
  mutating func endSuspended() { end = .failure(TrainingError("suspended: signflip resume continues the run")) }

  /// Writes the results at the end.
  mutating func finish() {
    clearProgress()
    guard !results.isEmpty else { return }
    if writesJSON {
      write(JSONLines.finished(results))
    } else {
      write(([ResultTable.text(results)] + findings.map { "health: \($0.message)" }).joined(separator: "\n").printable)
    }
  }

  /// Writes a line to standard error.
  mutating func note(_ text: String) {
    say { line throws(StreamError) in try line.note(text) }
  }

  /// Rewrites the progress line, at most twice a second, if standard error is a terminal.
  mutating func showProgress(_ snapshot: Snapshot) {
    guard line.isShown, showsProgress, Date().timeIntervalSince(lastProgress) > 0.5 else { return }
    lastProgress = Date()
    let forms: [String]
    switch snapshot.phase {
    case .preparing(let stage): forms = ["\(stage.words) …"]
    case .training:
      forms = (0...2).map { left in
        snapshot.lanes.map { progress($0, leavingOut: left) }.joined(separator: "   ")
      }
    case .idle, .finished, .failed: return
    }
    say { line throws(StreamError) in try line.show(line.fitted(forms)) }
  }

  private func heading(_ run: RunDescription) -> String {
    let images = "\(run.trainingCount) + \(run.validationCount) images"
    let threads = run.lanes.map { String($0.threads) }.joined(separator: " + ")
    return "\(run.name): \(run.dataset) from \(run.datasetPlace), \(images), seed \(run.seed), threads \(threads)"
  }

  // The name and progress, the loss, the speed; the rightmost are left out if they don't fit.
  private func progress(_ lane: LaneSnapshot, leavingOut left: Int) -> String {
    let loss = lane.latest[.trainLoss].map { NumberFormat.loss(Double($0)) } ?? "–"
    let parts = [
      "\(lane.name) \(String(format: "%.2f", lane.epoch))/\(lane.epochs)", "loss \(loss)",
      lane.latest[.imagesPerSecond].map { String(format: "%.0f img/s", $0) } ?? "",
    ]
    return parts.dropLast(left).joined(separator: " ")
  }

  private func line(_ report: EpochReport) -> String {
    var words = [report.lane, "epoch \(report.epoch)"]
    if let loss = report.trainLoss { words.append("loss \(NumberFormat.loss(loss))") }
    words.append("validation \(NumberFormat.loss(report.validationLoss))")
    words.append("accuracy \(NumberFormat.percent(report.validationAccuracy))")
    // Before the first step nothing could flip.
    if report.step > 0, let rate = report.flipRate { words.append("flips \(NumberFormat.loss(rate * 100)) %") }
    if let speed = report.imagesPerSecond { words.append(String(format: "%.0f img/s", speed)) }
    return words.joined(separator: "  ")
  }

  /// Removes the progress line.
  mutating func clearProgress() {
    say { line throws(StreamError) in try line.clear() }
  }

  // Errors on standard error are ignored, because the training is more important.
  private mutating func say(_ write: (inout RewrittenLine) throws(StreamError) -> Void) {
    do { try write(&line) } catch { showsProgress = false }
  }

  private mutating func write(_ line: String) {
    guard failure == nil else { return }
    do { try StandardStream.output.write(line + "\n") } catch { failure = error }
  }
}
