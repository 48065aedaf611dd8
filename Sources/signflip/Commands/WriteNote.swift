import ArgumentParser
import EngineProtocol

struct WriteNote: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Write a note on a step of a lane of a training into the run's journal.",
    discussion: "It is kept in the run, and marked on its curves. signflip runs show and signflip report show it.")

  @Argument(help: ArgumentHelp("The run.", valueName: "run"))
  var target: String

  @Argument(help: "The lane.")
  var lane: String

  @Argument(help: "The note, in one line.")
  var text: String

  @Option(help: "The step that it is about. (default: the lane's newest)")
  var step: Int?

  func run() throws {
    try Conversation(run: target, name: "note").carryOut(.note(NoteRequest(lane: lane, step: step, text: text)))
  }
}
