import ArgumentParser
import EngineProtocol
import Foundation
import Training
import TrainingMetrics

/// A training without a screen: a progress line on standard error, events as JSON lines on standard output.
struct HeadlessRun {
  /// What to train.
  let request: ExperimentRequest
  /// Whether events are written as JSON lines.
  let writesJSON: Bool

  /// Trains to the end, or to Ctrl-C.
  /// - Throws: `TrainingError` where nothing was trained, `ExitCode.failure` where not every lane was trained as asked,
  ///   `StreamError` where the results could not be written.
  func run() throws {
    let interrupts = InterruptFlag()
    let engine = LocalEngine()
    var output = HeadlessOutput(writesJSON: writesJSON)
    engine.send(.start(request))
    var cursor = EventCursor.withoutPoints
    var isUnread = false
    while true {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events { output.write(event) }
      if let end = output.end {
        output.finish()
        if let failure = output.failure { throw failure }
        return try end.get()
      }
      if output.failure != nil, !isUnread {
        // Nobody will see what the lanes learn.
        isUnread = true
        engine.send(.stop(.all))
      }
      if interrupts.takeNew() {
        // A second Ctrl-C finds the default action in place again.
        engine.send(.stop(.all))
        output.note("stopping after this batch …")
      }
      output.showProgress(engine.snapshot())
      Thread.sleep(forTimeInterval: 0.05)
    }
  }
}
