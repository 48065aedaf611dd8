import ArgumentParser
import EngineProtocol

struct Rewind: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a lane of a training back to one of its checkpoints.",
    discussion: "What came after stays in the record as a branch of its own. signflip runs show lists checkpoints.")

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
