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

  /// What the directory tells but for what was measured at each step.
  /// - Throws: `StoreError`.
  func outline() throws -> RunHistory { try RunArchive.outline(of: directory(), points: false) }

  /// All that the directory tells.
  /// - Throws: `StoreError`.
  func history() throws -> RunHistory { try RunArchive.history(of: directory()) }
}
