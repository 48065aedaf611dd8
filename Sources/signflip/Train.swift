import ArgumentParser
import Dashboard
import EngineProtocol
import Foundation
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a preset or an experiment of your own.",
    discussion: """
      Opens the live screen; with --headless, or when the output is no terminal, trains without it. The exit status is \
      0 only when every lane was trained as asked.
      """)

  @Argument(help: "A preset's name or a YAML file. Without it: the quick preset of the data set found.")
  var experiment: String?

  @OptionGroup var options: ExperimentOptions
  @OptionGroup var screen: ScreenOptions

  @Flag(help: "Train without the live screen, with a progress line on standard error.")
  var headless = false

  @Flag(help: "Write one JSON object a line to standard output. Implies --headless.")
  var json = false

  func run() throws {
    let request = options.request(for: experiment)
    if headless || json || !StandardStream.output.isTerminal {
      try HeadlessRun(request: request, writesJSON: json).run()
    } else {
      try screen.show(.watching) { try started(request) }
    }
  }

  // An experiment that can't be trained is told before the screen is taken: the engine has read it when `send` returns.
  private func started(_ request: ExperimentRequest) throws -> LocalEngine {
    let engine = LocalEngine()
    engine.send(.start(request))
    if case .failed(let message) = engine.snapshot().phase { throw TrainingError(message) }
    return engine
  }
}
