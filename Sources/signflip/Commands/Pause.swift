import ArgumentParser
import EngineProtocol

struct Pause: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Pause a training between two batches.")

  @OptionGroup var target: RunArgument

  func run() throws { try Conversation(run: target.run, name: "pause").carryOut(.pause(.all)) }
}
