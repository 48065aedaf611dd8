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
  /// - Throws: `ExitCode.failure` where not every lane was trained as asked.
  func run() throws {
    let engine = LocalEngine()
    let interrupts = InterruptFlag()
    var output = HeadlessOutput(writesJSON: writesJSON)
    engine.send(.start(request))
    var cursor = EventCursor()
    while true {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events { output.write(event) }
      if let exit = output.exit {
        output.finish()
        if exit != .success { throw exit }
        return
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
