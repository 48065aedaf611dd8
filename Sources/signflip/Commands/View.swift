import ArgumentParser
import Dashboard
import EngineProtocol
import Foundation
import RunStore
import Training

struct View: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open the live screen on recorded runs, read-only; several runs are overlaid.")

  @Argument(
    help: ArgumentHelp("The runs: names, starts or ends of names, directories, or “last”.", valueName: "run"))
  var names: [String]

  @OptionGroup var runs: RunsOption
  @OptionGroup var screen: ScreenOptions

  func run() throws {
    let directories = try names.map { try runs.folder.find($0) }
    try screen.show(.watching) {
      if directories.count == 1 {
        return try Self.recording(of: directories[0])
      }
      return try CombinedRuns(directories: directories)
    }
  }

  /// Returns a recorded run, whose lanes answer questions from their checkpoints.
  /// - Throws: `StoreError` if it can't be read.
  static func recording(of directory: String) throws -> RecordedRun {
    let processor = ProcessInfo.processInfo
    let lanes = RecordedLanes(
      directory: directory, environment: processor.environment, threads: processor.activeProcessorCount,
      program: Signflip.version)
    return try RecordedRun(directory: directory) { lanes.answer($0, $1) }
  }
}
