import ArgumentParser
import EngineProtocol

struct Rewind: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reset a lane of a training to one of its checkpoints.",
    discussion: "Later steps are kept in the record as a separate branch. signflip runs show lists the checkpoints.")

  @Argument(help: ArgumentHelp("The run.", valueName: "run"))
  var target: String

  @Argument(help: "The lane.")
  var lane: String

  @Argument(help: "The checkpoint's step.")
  var step: Int

  @Option(help: "The checkpoint's branch.")
  var branch = 1

  func run() throws {
    try Conversation(run: target, name: "rewind").carryOut(.rewind(lane: lane, branch: branch, step: step))
  }
}
