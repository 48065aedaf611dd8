import ArgumentParser
import EngineProtocol
import Foundation
import Sweeps
import TerminalUI
import TrainingMetrics

/// Controls a sweep on this machine: a line for each trial on standard error, and the table at the end.
struct SweepSession {
  private let directory: SweepDirectory
  private let workers: Int

  /// A session of a sweep with a number of workers.
  init(_ directory: SweepDirectory, workers: Int) { (self.directory, self.workers) = (directory, workers) }

  /// Trains until nothing is left, or until Ctrl-C.
  /// - Throws: `SweepError`; `ExitCode` 75 if it was stopped, 1 if trials could not be trained or have failed.
  func run() throws {
    let interrupts = InterruptFlag()
    let pool = try WorkerPool(directory, workers: workers)
    var line = RewrittenLine()
    pool.tell = { notice in try? line.note(Self.words(notice, pool.survey)) }
    var shown = Date.distantPast
    let outcome = try pool.run(isAskedToStop: interrupts.takeNew) { pool in
      guard line.isShown, Date().timeIntervalSince(shown) > 0.5 else { return }
      shown = Date()
      try? line.show(line.fitted(SweepWords.progress(pool.survey)))
    }
    try? line.clear()
    try StandardStream.output.print(SweepWords.table(pool.survey, count: 20))
    switch outcome {
    case .end(.done): break
    case .end(.budget): try StandardStream.error.print("the budget is spent; the other trials are not trained")
    case .stopped:
      try StandardStream.error.print("stopped; “signflip sweep resume \(directory.path)” goes on")
      throw ExitCode(WorkerPool.suspendedStatus)
    case .problems(let count):
      try StandardStream.error.print(
        "\(count) \(count == 1 ? "trial" : "trials") could not be trained; “signflip sweep resume \(directory.path)” tries again"
      )
      throw ExitCode.failure
    }
    if pool.survey.count(.failed) > 0 { throw ExitCode.failure }
  }

  private static func words(_ notice: WorkerPool.Notice, _ survey: SweepSurvey) -> String {
    switch notice {
    case .began(let trial): return "trial \(trial.number): \(trial.words)"
    case .problem(let trial, let reason): return "trial \(trial.number): not trained: \(reason)"
    case .ended(let standing):
      let value = survey.objective(standing).map {
        " \(survey.directory.definition.objective.text) \(SweepWords.value($0, survey))"
      }
      let failure = standing.record?.failure.map { ": \($0)" } ?? ""
      return
        "trial \(standing.trial.number): \(standing.state.rawValue) at epoch \(standing.record?.longestEpochs ?? 0)"
        + (value ?? "") + failure
    }
  }
}

/// A sweep in words, for the command line.
enum SweepWords {
  /// The value of the objective: accuracies as percentages.
  static func value(_ value: Double, _ survey: SweepSurvey) -> String {
    survey.directory.definition.objective.measure.isMaximized ? NumberFormat.percent(value) : NumberFormat.loss(value)
  }

  /// How far the sweep is, in forms of decreasing length.
  static func progress(_ survey: SweepSurvey) -> [String] {
    let ended = [.finished, .stopped, .failed].map(survey.count).reduce(0, +)
    let head = "\(ended) of \(survey.standings.count) trials"
    let best =
      survey.ranking.first.map { ", best \(value($0.value, survey)) (trial \($0.standing.trial.number))" } ?? ""
    let left = survey.pace.secondsLeft.map { ", about \(NumberFormat.span(seconds: $0)) left" } ?? ""
    return [head + ", \(survey.count(.training)) training" + best + left, head + best, head]
  }

  /// The trials, best first, then those without a value; at most `count` of them.
  static func table(_ survey: SweepSurvey, count: Int?) -> String {
    let definition = survey.directory.definition
    var table = TextTable(
      [.number("trial")] + definition.parameters.map { .number($0.name) } + [
        .number("seed"), .word("state"), .number("epochs"), .number(definition.objective.text), .word("SHA-256"),
      ])
    let ranked = survey.ranking.map(\.standing)
    let known = Set(ranked.map(\.trial.number))
    let all = ranked + survey.standings.filter { !known.contains($0.trial.number) }
    for standing in all.prefix(count ?? .max) {
      let trial = standing.trial
      let values = definition.parameters.map { parameter in
        trial.values.first { $0.name == parameter.name }?.value ?? "–"
      }
      let digest = standing.record?.lanes.first { $0.lane == definition.objective.lane }?.weightsSHA256
      table.rows.append(
        ["\(trial.number)"] + values + [
          "\(trial.seed)", standing.state.rawValue, "\(standing.record?.longestEpochs ?? 0)",
          survey.objective(standing).map { value($0, survey) } ?? "–", digest.map { String($0.prefix(12)) } ?? "–",
        ])
    }
    let more = count.map { all.count - $0 } ?? 0
    return table.text + (more > 0 ? "\n… and \(more) more; “signflip sweep status --all” lists them" : "")
  }
}
