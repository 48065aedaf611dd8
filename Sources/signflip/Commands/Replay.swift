import ArgumentParser
import EngineProtocol
import Foundation
import RunStore
import Training

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a run again from its seed, with the same changes at the same steps, and compare the weights.",
    discussion: """
      Prints the recorded and the new SHA-256 of each lane's best weights. The exit status is 0 only if all are the \
      same and no lane has failed. Equal weights can only be expected on the same kind of processor.
      """)

  @OptionGroup var recorded: RecordedRunOptions

  func run() throws {
    let history = try recorded.outline()
    let engine = LocalEngine(program: Signflip.version)
    var output = HeadlessOutput(writesJSON: false)
    engine.replay(history)
    var cursor = EventCursor.withoutPoints
    var results: [String: LaneResult] = [:]
    while output.end == nil {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events {
        output.write(event)
        if case .laneEnded(let result) = event { results[result.lane] = result }
      }
      output.showProgress(engine.snapshot())
      Thread.sleep(forTimeInterval: 0.05)
    }
    output.clearProgress()
    if case .failure(let error)? = output.end, results.isEmpty { throw error }
    var table = TextTable([.word("lane"), .word("recorded"), .word("replayed"), .word("")])
    let recorded = LocalEngine.recordedResults(of: history)
    var areSame = true
    for lane in recorded {
      let new = results[lane.lane]
      let (old, digest) = (lane.weightsSHA256, new?.weightsSHA256)
      // A failure must happen again, at the same step.
      let isSame = new != nil && old == digest && lane.failure == new?.failure
      areSame = areSame && isSame
      table.rows.append([lane.lane, old ?? "–", digest ?? "–", isSame ? "the same" : "DIFFERENT"])
    }
    var lines = [table.text]
    for lane in recorded where lane.failure != nil || results[lane.lane]?.failure != nil {
      let end = results[lane.lane]?.end ?? "it has no result"
      lines.append("lane \(lane.lane): recorded as \(lane.end); replayed, \(end)")
    }
    let missing = history.lanes.map(\.name).filter { name in !recorded.contains { $0.lane == name } }
    if !missing.isEmpty {
      lines.append("not replayed, because they have no result: \(missing.joined(separator: ", "))")
    }
    try StandardStream.output.print(lines.joined(separator: "\n"))
    if !areSame || recorded.contains(where: { $0.failure != nil }) { throw ExitCode.failure }
  }
}
