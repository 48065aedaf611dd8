import ArgumentParser

/// The run that a command speaks of, where an engine has it now.
struct RunArgument: ParsableArguments {
  @Argument(
    help: """
      The run's name, the beginning or end of it, its directory, or its engine's process. Without it: the only one \
      that runs.
      """)
  var run: String?
}
