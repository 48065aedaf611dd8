import ArgumentParser
import EngineProtocol
import Foundation
import RunStore
import TrainingMetrics

struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, compare, export and remove recorded runs.",
    subcommands: [ListRuns.self, ShowRun.self, CompareRuns.self, ExportRun.self, RemoveRun.self],
    defaultSubcommand: ListRuns.self)
}

struct ListRuns: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the runs, newest first.")

  @OptionGroup var runs: RunsOption

  @Flag(help: "Write the list as JSON.")
  var json = false

  func run() throws {
    let list = runs.folder.list()
    if json {
      let text = String(decoding: try EngineJSON.encoder().encode(list), as: UTF8.self)
      return try StandardStream.output.print(text)
    }
    guard !list.isEmpty else { return try StandardStream.output.print("no runs in \(runs.path)") }
    var table = TextTable([
      .word("run"), .word("data set"), .word("lanes"), .number("best validation"), .number("test"), .word("state"),
      .number("size"),
    ])
    table.rows = list.map { run in
      [
        run.id, run.dataset, run.lanes.map(\.name).joined(separator: ", "),
        ResultTable.percent(run.lanes.compactMap(\.bestValidationAccuracy).max()),
        ResultTable.percent(run.lanes.compactMap(\.testAccuracy).max()),
        run.stateWords, NumberFormat.size(run.bytes),
      ]
    }
    try StandardStream.output.print(table.text)
  }
}

extension RunSummary {
  /// The state, the failed lanes, and the reasons.
  var stateWords: String {
    let failed = lanes.compactMap { lane in lane.failure.map { "\(lane.name): \($0)" } }
    guard !failed.isEmpty else { return state.words + (problem.map { ": \($0)" } ?? "") }
    let count = failed.count == lanes.count ? "" : "\(failed.count) of \(lanes.count) lanes "
    return (state == .failed ? "" : "\(state.words), ") + "\(count)failed: " + failed.joined(separator: "; ")
  }
}

extension RunSummary.State {
  /// The state in one or two words.
  var words: String {
    switch self {
    case .training(let process): "training (process \(process))"
    case .finished: "finished"
    case .stopped: "stopped"
    case .interrupted: "interrupted"
    case .failed: "failed"
    }
  }
}
