import ArgumentParser
import EngineProtocol

struct Fork: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a new lane from a checkpoint, and train it beside the others.")

  @Argument(help: ArgumentHelp("The run.", valueName: "run"))
  var target: String

  @Argument(help: "The lane.")
  var lane: String

  @Argument(help: "The checkpoint's step.")
  var step: Int

  @Argument(help: "Changes of the new lane: key=value.")
  var changes: [String] = []

  @Option(help: "The new lane's name.")
  var name: String?

  @Option(help: "The checkpoint's branch.")
  var branch = 1

  func run() throws {
    let settings = try changes.map { text in
      let change = try HyperparameterChange(text)
      guard change.lane == nil else {
        throw TrainingError("\(text): expected key=value for the new lane, found a lane's name")
      }
      return change.setting
    }
    try Conversation(run: target, name: "fork").carryOut(
      .fork(ForkRequest(lane: lane, branch: branch, step: step, name: name, settings: settings)))
  }
}
