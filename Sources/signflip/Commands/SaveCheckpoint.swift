import ArgumentParser
import EngineProtocol

struct SaveCheckpoint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Write a checkpoint of every lane of a training now.",
    discussion: "The exit status is 0 when each lane that has not ended has a checkpoint of where it was asked.")

  @OptionGroup var target: RunArgument

  func run() throws { try Conversation(run: target.run, name: "checkpoint", history: true).saveCheckpoints() }
}
