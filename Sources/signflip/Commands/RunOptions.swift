import ArgumentParser
import Foundation
import RunStore

/// A recorded run, and the directory of runs.
struct RecordedRunOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The run's name, the start or end of its name, its directory, or “last”.", valueName: "run"))
  var name: String

  @OptionGroup var runs: RunsOption

  /// The run's directory.
  /// - Throws: `StoreError`.
  func directory() throws -> String { try runs.folder.find(name) }

  /// Returns the run without measurements, or with what charts need of them.
  /// - Throws: `StoreError`.
  func outline(points: Bool = false) throws -> RunHistory {
    try RunArchive.outline(of: directory(), points: points)
  }
}

/// The run that a command applies to, which must have an engine.
struct RunArgument: ParsableArguments {
  @Argument(
    help: """
      The run's name, the start or end of its name, its directory, its engine's process ID, or “last” for the newest \
      running one. (default: the only running one)
      """)
  var run: String?
}

/// A checkpoint of a lane of a running training.
struct CheckpointArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("The run.", valueName: "run"))
  var target: String

  @Argument(help: "The lane.")
  var lane: String

  @Argument(help: "The checkpoint's step.")
  var step: Int

  @Option(help: "The checkpoint's branch.")
  var branch = 1
}

/// The directory of runs.
struct RunsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of runs. (default: $SIGNFLIP_RUNS, otherwise $XDG_DATA_HOME/signflip/runs)", valueName: "dir"))
  var runs: String?

  /// The directory.
  var folder: RunsFolder {
    RunsFolder(path: path)
  }

  /// The directory's path.
  var path: String { runs ?? RunsFolder.standard(environment: ProcessInfo.processInfo.environment) }
}

/// Whether training has a screen.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Train without the live screen, with a progress line on standard error.")
  var headless = false

  @Flag(help: "Write one JSON object per line to standard output. Implies --headless.")
  var json = false

  /// Whether there is no screen, by request or because the output is not a terminal.
  var isHeadless: Bool { headless || json || !StandardStream.output.isTerminal }
}
