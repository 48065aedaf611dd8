import ArgumentParser
import Foundation
import RunStore

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
