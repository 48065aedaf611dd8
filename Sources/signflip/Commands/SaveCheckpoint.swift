import ArgumentParser
import EngineProtocol

struct SaveCheckpoint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Write a checkpoint of every lane of a training.",
    discussion:
      "The exit status is 0 if every lane that has not ended has a checkpoint of the step at which it was requested.")

  @OptionGroup var target: RunArgument

  func run() throws { try Conversation(run: target.run, name: "checkpoint", history: true).saveCheckpoints() }
}
