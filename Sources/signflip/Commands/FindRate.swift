import ArgumentParser
import EngineProtocol
import Foundation
import RunStore
import Training
import TrainingMetrics

struct FindRate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-rate", abstract: "Sweep the learning rate on a copy of a recorded lane, and suggest one.",
    discussion: """
      Trains a copy of the lane's newest checkpoint with a rate that grows exponentially, until the loss diverges. The run \
      is not changed. For Bop it sweeps the flip threshold, from large to small, or gamma.
      """)

  @Argument(help: ArgumentHelp("The run's name, its beginning or end, its directory, or “last”.", valueName: "run"))
  var name: String

  @Argument(help: "The lane; optional if the run has only one.")
  var lane: String?

  @Option(help: "What to sweep: learningRate, gamma or flipThreshold.")
  var key: String?

  @Option(help: "The value of the first update.")
  var first: Double?

  @Option(help: "The value of the last update.")
  var last: Double?

  @Option(help: "The number of updates.")
  var updates = RateSearch.defaultUpdates

  @Flag(help: "Print one JSON object: the value and the loss of each update.")
  var json = false

  @OptionGroup var runs: RunsOption

  func run() throws {
    let knob = try key.map { key in
      guard let knob = Hyperparameter(rawValue: key) else {
        throw TrainingError("--key: expected learningRate, gamma or flipThreshold, found “\(key)”")
      }
      return knob
    }
    let (lanes, name) = try RecordedLanes.opened(runs.folder.find(name), lane: lane)
    let search = RateSearch(lane: name, hyperparameter: knob, first: first, last: last, updates: updates)
    guard case .rateFound(_, let curve) = try lanes.result(of: .findRate(search)) else { return }
    if json {
      struct Line: Encodable {
        var curve: RateCurve
        var smoothed: [Double]
        var divergedAt: Double?
        var suggestion: RateCurve.Suggestion?
      }
      let line = Line(
        curve: curve, smoothed: curve.smoothed, divergedAt: curve.divergedAt, suggestion: curve.suggestion)
      return try StandardStream.output.print(String(decoding: EngineJSON.encoder().encode(line), as: UTF8.self))
    }
    var table = TextTable([.number(curve.hyperparameter.rawValue), .number("loss"), .number("smoothed")])
    let smoothed = curve.smoothed
    for place in stride(from: 0, to: curve.values.count, by: max(1, curve.values.count / 20)) {
      table.rows.append([
        NumberFormat.scientific(curve.values[place], digits: 2), NumberFormat.loss(curve.losses[place]),
        NumberFormat.loss(smoothed[place]),
      ])
    }
    try StandardStream.output.print(table.text)
    try StandardStream.output.print("")
    try StandardStream.output.print(curve.words)
  }
}

extension RecordedLanes {
  /// The lanes of the run in `directory`, and the name of the asked one.
  /// - Parameter lane: nil for the run's only lane.
  /// - Throws: `StoreError`; `TrainingError` if there are several lanes and none is named.
  static func opened(_ directory: String, lane: String?) throws -> (RecordedLanes, lane: String) {
    let names = try RunArchive.outline(of: directory, points: false).lineage.lanes.map(\.description.name)
    guard let name = lane ?? (names.count == 1 ? names[0] : nil), names.contains(name) else {
      let found = lane.map { "“\($0)”\(NearestName.question($0, among: names))" } ?? "none"
      throw TrainingError("expected one of the lanes \(names.joined(separator: ", ")), found \(found)")
    }
    let lanes = RecordedLanes(
      directory: directory, environment: ProcessInfo.processInfo.environment,
      threads: ProcessInfo.processInfo.activeProcessorCount, program: ProgramVersion.current)
    return (lanes, name)
  }

  /// Answers a question.
  /// - Throws: `TrainingError` with the reason why it can't be answered.
  func result(of question: EngineCommand) throws -> EngineEvent {
    switch answer(question, .unasked) {
    case .deploymentFailed(_, let failure): throw TrainingError(failure.reason)
    case .refused(_, let reason): throw TrainingError(reason)
    case let answer?: return answer
    case nil: throw TrainingError("a recorded run can't answer this")
    }
  }
}
