import ArgumentParser

/// The run that a command speaks of, where an engine has it now.
struct RunArgument: ParsableArguments {
  @Argument(
    help: """
      The run's name, the beginning or end of it, its directory, its engine's process, or “last” for the newest that \
      runs. Without it: the only one that runs.
      """)
  var run: String?
}
