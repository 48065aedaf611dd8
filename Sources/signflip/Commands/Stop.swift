import ArgumentParser
import EngineProtocol

struct Stop: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "End a training: what was learned is tested, and the results are printed.",
    discussion: "The run is kept; signflip resume RUN goes on with it.")

  @OptionGroup var target: RunArgument

  @Flag(help: "Write checkpoints and end at once, without a test.")
  var suspend = false

  func run() throws {
    let talk = try Conversation(run: target.run, name: "stop", history: true)
    if suspend {
      try talk.suspend()
      return try StandardStream.output.print("suspended: signflip resume \(talk.runName) goes on with it")
    }
    try StandardStream.output.print(ResultTable.text(try talk.stop()))
  }
}
