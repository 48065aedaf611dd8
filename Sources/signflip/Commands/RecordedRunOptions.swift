import ArgumentParser
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
