import ArgumentParser
import Foundation
import RunStore

/// A recorded run, and where runs are.
struct RecordedRunOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The run's name, the beginning or end of it, its directory, or “last”.", valueName: "run"))
  var name: String

  @OptionGroup var runs: RunsOption

  /// The run's directory.
  /// - Throws: `StoreError`.
  func directory() throws -> String { try runs.folder.find(name) }

  /// What the directory tells: of what was measured at each step nothing, or what charts need of it.
  /// - Throws: `StoreError`.
  func outline(points: Bool = false) throws -> RunHistory {
    try RunArchive.outline(of: directory(), points: points)
  }
}

/// The run that a command speaks of, where an engine has it now.
struct RunArgument: ParsableArguments {
  @Argument(
    help: """
      The run's name, the beginning or end of it, its directory, its engine's process, or “last” for the newest that \
      runs. Without it: the only one that runs.
      """)
  var run: String?
}

/// The folder of runs.
struct RunsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder of runs. Else $SIGNFLIP_RUNS, or $XDG_DATA_HOME/signflip/runs.", valueName: "dir"))
  var runs: String?

  /// The folder.
  var folder: RunsFolder {
    RunsFolder(path: path)
  }

  /// Its path.
  var path: String { runs ?? RunsFolder.standard(environment: ProcessInfo.processInfo.environment) }
}

/// Whether a training has a screen.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Train without the live screen, with a progress line on standard error.")
  var headless = false

  @Flag(help: "Write one JSON object a line to standard output. Implies --headless.")
  var json = false

  /// Whether there is no screen: asked for, or the output is no terminal.
  var isHeadless: Bool { headless || json || !StandardStream.output.isTerminal }
}
