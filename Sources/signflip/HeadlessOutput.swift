import ArgumentParser
import EngineProtocol
import Foundation
import TrainingMetrics

/// What a headless training writes: JSON lines or a summary to standard output, progress to standard error.
struct HeadlessOutput {
  /// How the training has ended; nil while it goes on.
  private(set) var exit: ExitCode?

  private let writesJSON: Bool
  private let showsProgress = isatty(STDERR_FILENO) != 0
  private var results: [LaneResult] = []
  private var order: [String] = []
  private var lastProgress = Date.distantPast
  private var hasProgressLine = false

  init(writesJSON: Bool) { self.writesJSON = writesJSON }

  /// Writes what an event tells.
  mutating func write(_ event: EngineEvent) {
    switch event {
    case .started(let run):
      order = run.lanes.map(\.name)
      if writesJSON {
        write(JSONLines.started(run))
      } else {
        note(
          "\(run.name): \(run.dataset) from \(run.datasetOrigin), \(run.trainingCount) + \(run.validationCount) images, seed \(run.seed)"
        )
      }
    case .epoch(let report):
      if writesJSON { write(JSONLines.epoch(report)) } else { note(line(report)) }
    case .applied(_, let entry):
      if writesJSON { write(JSONLines.applied(entry)) }
    case .refused(_, let reason):
      note("refused: \(reason)")
    case .laneEnded(let result):
      results.append(result)
      if let failure = result.failure { note("lane \(result.lane) has failed: \(failure)") }
    case .finished:
      results = results.ordered(as: order)
      let isWhole = results.allSatisfy { $0.failure == nil && !$0.wasStopped }
      exit = isWhole ? .success : .failure
    case .failed(let message):
      note("Error: \(message)")
      exit = .failure
    case .points, .catalog:
      break
    }
  }

  /// Writes the results at the end.
  mutating func finish() {
    clearProgress()
    guard !results.isEmpty else { return }
    if writesJSON {
      write(JSONLines.finished(results))
    } else {
      print(ResultTable.text(results))
    }
  }

  /// Writes a line to standard error.
  mutating func note(_ text: String) {
    clearProgress()
    FileHandle.standardError.write(Foundation.Data((text + "\n").utf8))
  }

  /// Rewrites the progress line, twice a second at most, where somebody sees it.
  mutating func showProgress(_ snapshot: Snapshot) {
    guard showsProgress, Date().timeIntervalSince(lastProgress) > 0.5 else { return }
    lastProgress = Date()
    let text: String
    switch snapshot.phase {
    case .preparing(let what): text = "\(what) …"
    case .training: text = snapshot.lanes.map(progress).joined(separator: "   ")
    case .idle, .finished, .failed: return
    }
    hasProgressLine = true
    FileHandle.standardError.write(Foundation.Data("\r\u{1B}[K\(text)".utf8))
  }

  private func progress(_ lane: LaneSnapshot) -> String {
    let loss = lane.latest[.trainLoss].map { String(format: "%.4f", $0) } ?? "–"
    let rate = lane.latest[.imagesPerSecond].map { String(format: "%.0f img/s", $0) } ?? ""
    return "\(lane.name) \(String(format: "%.2f", lane.epoch))/\(lane.epochs) loss \(loss) \(rate)"
  }

  private func line(_ report: EpochReport) -> String {
    let accuracy = String(format: "%.2f %%", report.validationAccuracy * 100)
    let flips = report.flipRate.map { String(format: "  flips %.4f %%", $0 * 100) } ?? ""
    let train = report.trainLoss.map { String(format: "loss %.4f  ", $0) } ?? ""
    let losses = train + String(format: "validation %.4f", report.validationLoss)
    let speed = report.imagesPerSecond.map { String(format: "  %.0f img/s", $0) } ?? ""
    return "\(report.lane)  epoch \(report.epoch)  \(losses)  accuracy \(accuracy)\(flips)\(speed)"
  }

  private mutating func clearProgress() {
    guard hasProgressLine else { return }
    hasProgressLine = false
    FileHandle.standardError.write(Foundation.Data("\r\u{1B}[K".utf8))
  }

  private func write(_ line: String) { FileHandle.standardOutput.write(Foundation.Data((line + "\n").utf8)) }
}
