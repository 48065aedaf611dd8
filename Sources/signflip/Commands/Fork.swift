import ArgumentParser
import EngineProtocol

struct Fork: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a new lane from a checkpoint, and train it beside the others.")

  @OptionGroup var checkpoint: CheckpointArguments

  @Argument(help: "Changes of the new lane: key=value.")
  var changes: [String] = []

  @Option(help: "The new lane's name.")
  var name: String?

  func run() throws {
    let settings = try changes.map { text in
      let change = try HyperparameterChange(text)
      guard change.lane == nil else {
        throw TrainingError("\(text): expected key=value for the new lane, found a lane's name")
      }
      return change.setting
    }
    try Conversation(run: checkpoint.target, name: "fork").carryOut(
      .fork(
        ForkRequest(
          lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step, name: name, settings: settings)))
  }
}
