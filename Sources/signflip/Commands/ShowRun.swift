import ArgumentParser
import EngineProtocol
import Foundation
import RunStore
import TrainingMetrics

struct ShowRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a run: its lanes, results, changes and checkpoints.")

  @OptionGroup var recorded: RecordedRunOptions

  func run() throws {
    let history = try recorded.outline()
    let run = history.description
    var parts = [heading(run)]
    var lanes = TextTable([
      .word("lane"), .word("method"), .word("network"), .number("step"), .word("state"), .number("best validation"),
      .number("test"), .word("weights SHA-256"),
    ])
    let results = history.results
    lanes.rows = history.lanes.map { lane in
      let (result, snapshot) = (results[lane.name], history.snapshots.first { $0.name == lane.name })
      return [
        lane.name, lane.method, lane.network, String(result?.steps ?? snapshot?.step ?? 0),
        history.standing(of: lane.name).state.rawValue,
        ResultTable.percent(result?.bestValidationAccuracy ?? snapshot?.best?.accuracy),
        ResultTable.percent(result?.testAccuracy), result?.weightsSHA256.map { String($0.prefix(16)) } ?? "–",
      ]
    }
    parts.append(lanes.text)
    if !history.remarks.isEmpty { parts.append(history.remarks.joined(separator: "\n")) }
    if let text = journal(history) { parts.append(text) }
    if let text = checkpoints(history) { parts.append(text) }
    try StandardStream.output.print(parts.joined(separator: "\n\n"))
  }

  private func heading(_ run: RunDescription) -> String {
    let started = Date(timeIntervalSince1970: run.startedAt).formatted(.iso8601)
    let lines = [
      run.id, "\(run.name): \(run.dataset) from \(run.datasetPlace), seed \(run.seed), started \(started)",
      run.directory ?? "",
    ]
    // One line per name.
    return (lines + (run.notes ?? []).map { "data set: \($0)" }).map(\.printableLine).joined(separator: "\n")
  }

  private func journal(_ history: RunHistory) -> String? {
    var table = TextTable([
      .word("lane"), .number("branch"), .number("step"), .word("change"), .word("by"),
      .word("training loss before and after"),
    ])
    // A run whose points are damaged is shown without effects.
    let effects = (try? recorded.outline(points: true))?.effects() ?? []
    for case .applied(_, let entry) in history.events.map(\.event) {
      table.rows.append([
        entry.lane, String(entry.branch), String(entry.step), entry.change.words, entry.origin,
        effects.first { $0.entry == entry }?.effect.words ?? "",
      ])
    }
    return table.rows.isEmpty ? nil : table.text
  }

  private func checkpoints(_ history: RunHistory) -> String? {
    var table = TextTable([
      .word("checkpoint of"), .number("branch"), .number("step"), .number("epoch"), .word("why"),
      .number("validation"), .number("size"),
    ])
    table.rows = history.checkpoints.map { checkpoint in
      [
        checkpoint.lane, String(checkpoint.branch), String(checkpoint.step), String(format: "%.2f", checkpoint.epoch),
        checkpoint.reason.rawValue, ResultTable.percent(checkpoint.validationAccuracy),
        history.lostCheckpoints.contains(checkpoint) ? "file missing" : NumberFormat.size(checkpoint.bytes),
      ]
    }
    return table.rows.isEmpty ? nil : table.text
  }
}
