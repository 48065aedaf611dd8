import ArgumentParser
import EngineProtocol
import Foundation

@main
struct Signflip: ParsableCommand {
  /// The program's version.
  static let version = ProgramVersion.current

  static let configuration = CommandConfiguration(
    commandName: "signflip",
    abstract: "Train binary neural networks and watch them learn.",
    discussion: "Without a subcommand, the launcher opens.",
    version: Signflip.version,
    subcommands: [
      Launcher.self, Learn.self, Train.self, Sweep.self, Resume.self, Attach.self, Processes.self, SetValue.self,
      Pause.self,
      Stop.self, SaveCheckpoint.self, Rewind.self, Fork.self, WriteNote.self, Runs.self, View.self, Inspect.self,
      FindRate.self, Moments.self, Report.self, Replay.self,
      Export.self,
      Import.self, ModelFiles.self, Evaluate.self, Predict.self,
      Presets.self, Networks.self, Keys.self, Data.self, Themes.self, Config.self, Bench.self,
      EngineProcessCommand.self,
    ],
    defaultSubcommand: Launcher.self)

  static func main() {
    StandardStream.establish()
    ProcessEnvironment.establish()
    do {
      try CommandWords.check(Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot()
      try command.run()
    } catch {
      leave(error)
    }
  }

  // Not `exit(withError:)`, which ignores errors when writing the help, and passes on control characters.
  private static func leave(_ error: any Error) -> Never {
    if let error = error as? StreamError, error.code == .noReader {
      // The reader has closed the pipe: end in the same way as other programs before `| head`.
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    let status = exitCode(for: error)
    let text = fullMessage(for: error)
    if !text.isEmpty {
      if status.isSuccess {
        do { try StandardStream.output.print(text) } catch { leave(error) }
      } else {
        try? StandardStream.error.print(text)
      }
    }
    Foundation.exit(status.rawValue)
  }
}
