import ArgumentParser
import EngineProtocol

struct SaveCheckpoint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Write a checkpoint of every lane of a training now.")

  @OptionGroup var target: RunArgument

  func run() throws { try Conversation(run: target.run, name: "checkpoint").carryOut(.checkpoint(.all)) }
}
