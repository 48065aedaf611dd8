import ArgumentParser
import EngineProtocol

struct Stop: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stop a training, test the best weights and print the results.",
    discussion: "The run is kept; signflip resume RUN continues it.")

  @OptionGroup var target: RunArgument

  @Flag(help: "Write checkpoints and stop immediately, without a test.")
  var suspend = false

  func run() throws {
    let talk = try Conversation(run: target.run, name: "stop", history: true)
    if suspend {
      try talk.suspend()
      return try StandardStream.output.print("suspended: signflip resume \(talk.runName) continues it")
    }
    try StandardStream.output.print(ResultTable.text(try talk.stop()))
  }
}
