import ArgumentParser
import EngineProtocol

struct SetValue: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change a hyperparameter of a training between two batches.",
    usage: "signflip set [RUN] [LANE.]KEY=VALUE")

  @Argument(help: "The run, if more than one is running, and the change.")
  var words: [String]

  func run() throws {
    guard (1...2).contains(words.count), let change = words.last else {
      throw ValidationError("expected [RUN] [LANE.]KEY=VALUE")
    }
    let command = try HyperparameterChange(change).command
    try Conversation(run: words.count == 2 ? words[0] : nil, name: "set").carryOut(command)
  }
}
