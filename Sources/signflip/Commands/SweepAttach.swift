import ArgumentParser
import EngineProtocol
import EngineService
import Foundation
import RunStore
import Sweeps
import Training

struct SweepAttach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Open the screen of a sweep, whether it is being trained or not.",
    discussion: """
      A table of the trials, settings with their spread over seeds, and the progress. It follows the sweep's folder, \
      whoever trains it, and never holds up a trial. enter opens a trial on the live screen.
      """)

  @OptionGroup var sweep: SweepArgument
  @OptionGroup var screen: ScreenOptions

  func run() throws {
    let directory = try sweep.open()
    let watcher = try SweepWatcher(directory) { trial, changes in try TrialFork.make(of: trial, in: directory, changes)
    }
    defer { watcher.close() }
    try screen.show(watcher) { number in try Self.open(try directory.trial(number), of: directory) }
  }

  // The engine of a trial that this machine trains, otherwise its recording.
  private static func open(_ trial: SweepTrial, of directory: SweepDirectory) throws -> any EngineClient {
    let run = directory.run(of: trial.number)
    if let holder = SweepClaim.holder(of: directory.folder(of: trial.number)) {
      // The run's database needs all its readers on one machine.
      guard holder.isOfThisMachine else {
        throw TrainingError("trial \(trial.number) trains in \(holder.words): open it there")
      }
      if let engine = try? EngineDirectory.find(run) {
        return try RemoteEngine.connect(path: engine.path, name: ClientName.of("attach"), takesSketches: true)
      }
    }
    return try View.recording(of: run)
  }
}
