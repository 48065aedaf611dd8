import ArgumentParser
import EngineProtocol

/// What every command with a screen can set.
struct ScreenOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A theme's name or YAML file.", valueName: "name|file"))
  var theme: String?

  /// Shows the dashboard until the person leaves it.
  func show(_ engine: any EngineClient, starting request: ExperimentRequest?) throws {
    throw ValidationError("the screen is not there yet")
  }
}
