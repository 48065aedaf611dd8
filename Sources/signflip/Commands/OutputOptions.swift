import ArgumentParser

/// Whether a training has a screen.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Train without the live screen, with a progress line on standard error.")
  var headless = false

  @Flag(help: "Write one JSON object a line to standard output. Implies --headless.")
  var json = false

  /// Whether there is no screen: asked for, or the output is no terminal.
  var isHeadless: Bool { headless || json || !StandardStream.output.isTerminal }
}
