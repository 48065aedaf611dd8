import ArgumentParser
import EngineProtocol

struct Rewind: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reset a lane of a training to one of its checkpoints.",
    discussion: "Later steps are kept in the record as a separate branch. signflip runs show lists the checkpoints.")

  @OptionGroup var checkpoint: CheckpointArguments

  func run() throws {
    try Conversation(run: checkpoint.target, name: "rewind").carryOut(
      .rewind(lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step))
  }
}
