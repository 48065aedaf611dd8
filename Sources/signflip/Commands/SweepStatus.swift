import ArgumentParser
import EngineProtocol
import Foundation
import Sweeps
import TrainingMetrics

struct SweepStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how far a sweep is, and its trials, best first.",
    discussion: "Read from the trials themselves, so it needs no running controller.")

  @OptionGroup var sweep: SweepArgument

  @Flag(help: "List all trials instead of the best 20.")
  var all = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let directory = try sweep.open()
    let survey = try SweepSurvey(directory)
    // Makes the next look faster. The folder may be read-only for this user.
    if survey.isBeyondIndex { try? SweepIndex.write(survey) }
    if json { return try StandardStream.output.print(JSONLines.text(SweepLine(survey))) }
    let counts = TrialState.allCases.compactMap { state in
      let count = survey.count(state)
      return count > 0 ? "\(count) \(state.rawValue)" : nil
    }
    var lines = ["\(directory.definition.name): \(survey.standings.count) trials: \(counts.joined(separator: ", "))"]
    lines.append(directory.controller.map { "controlled by \($0.words)" } ?? "no controller runs")
    if directory.isToStop { lines.append("asked to stop") }
    for standing in survey.standings where standing.state == .training {
      guard let holder = standing.holder else { continue }
      lines.append(
        "trial \(standing.trial.number) trains in \(holder.words): epoch \(standing.record?.longestEpochs ?? 0)"
          + " of \(directory.definition.epochs(of: standing.trial))")
    }
    if let left = survey.pace.secondsLeft { lines.append("about \(NumberFormat.span(seconds: left)) left") }
    lines.append(SweepWords.table(survey, count: all ? nil : 20))
    try StandardStream.output.print(lines.joined(separator: "\n"))
  }
}

/// A sweep as one JSON object.
private struct SweepLine: Encodable {
  struct Trial: Encodable {
    var trial, setting: Int
    var seed: UInt64
    var values: [String: String]
    var state: String
    @JSONLines.Null var objective: Double?
    var epochs, starts: Int
    var seconds: Double
    var weightsSHA256: [String: JSONLines.Null<String>]
    @JSONLines.Null var failure: String?
    var run: String
  }

  var name, objective: String
  var trials: [Trial]

  init(_ survey: SweepSurvey) {
    let directory = survey.directory
    name = directory.definition.name
    objective = directory.definition.objective.text
    trials = survey.standings.map { standing in
      let (trial, record) = (standing.trial, standing.record)
      let digests = (record?.lanes ?? []).map { ($0.lane, JSONLines.Null(wrappedValue: $0.weightsSHA256)) }
      return Trial(
        trial: trial.number, setting: trial.setting, seed: trial.seed,
        values: Dictionary(trial.values.map { ($0.name, $0.value) }) { first, _ in first },
        state: standing.state.rawValue,
        objective: survey.objective(standing), epochs: record?.longestEpochs ?? 0, starts: record?.starts ?? 0,
        seconds: record?.seconds ?? 0, weightsSHA256: Dictionary(digests) { first, _ in first },
        failure: record?.failure, run: directory.run(of: trial.number))
    }
  }
}
