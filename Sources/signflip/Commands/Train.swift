import ArgumentParser
import Dashboard
import EngineProtocol
import Foundation
import Training

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a preset or an experiment of your own.",
    discussion: """
      Opens the live screen of an engine in a separate process, which continues when the screen is closed. With \
      --headless, or if the output is not a terminal, trains without a screen; the exit status is then 0 only if every \
      lane was trained as requested.
      """)

  @Argument(help: "A preset's name or a YAML file. (default: the quick preset of the data set found)")
  var experiment: String?

  @OptionGroup var options: ExperimentOptions
  @OptionGroup var runs: RunsOption
  @OptionGroup var screen: ScreenOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp("A steering script, which lists changes and the steps at which to make them.", valueName: "file")
  )
  var steer: String?

  @Flag(help: "Do not record the run: no run directory, no checkpoints.")
  var noRecord = false

  func run() throws {
    if screen.plain, output.headless || output.json {
      throw ValidationError("--plain: expected neither --headless nor --json beside it")
    }
    if output.isHeadless, !screen.plain {
      try screen.check()
      try HeadlessRun(command: .start(request()), writesJSON: output.json).run()
    } else {
      try screen.show(.watching) { try EngineStart.engine(.start(request()), name: "train") }
    }
  }

  // Files are read here, after the theme and the terminal were checked.
  private func request() throws -> ExperimentRequest {
    var request = try options.request(for: experiment)
    request.runsDirectory = runs.path
    request.isRecorded = !noRecord
    request.steering = try steer.map { try ExperimentResolver.read($0, as: "a steering script") }
    request.steeringName = steer
    return request
  }
}
