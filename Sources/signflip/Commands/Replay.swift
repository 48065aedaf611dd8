import ArgumentParser
import EngineProtocol
import Foundation
import RunStore
import Training

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a run again from its seed, with the same changes at the same steps, and compare the weights.",
    discussion: """
      Prints the recorded and the new SHA-256 of each lane's best weights. The exit status is 0 only when all are the \
      same. The same weights can be had on the same kind of processor alone.
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
    let recorded = LocalEngine.recordedResults(of: history).filter { $0.failure == nil }
    var areSame = true
    for lane in recorded {
      let (old, new) = (lane.weightsSHA256, results[lane.lane]?.weightsSHA256)
      areSame = areSame && old == new
      table.rows.append([lane.lane, old ?? "–", new ?? "–", old == new ? "the same" : "DIFFERENT"])
    }
    try StandardStream.output.print(table.text)
    if !areSame { throw ExitCode.failure }
  }
}
