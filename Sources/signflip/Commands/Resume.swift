import ArgumentParser
import Dashboard
import EngineProtocol
import EngineService
import Foundation
import RunStore

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continue a run that was paused, interrupted or stopped.",
    discussion: """
      If the run is paused in a running engine, it is unpaused. Otherwise it continues from its newest checkpoints \
      and its journal, with exactly the same result as if it had never been interrupted.
      """)

  @OptionGroup var recorded: RecordedRunOptions
  @OptionGroup var screen: ScreenOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let found = Result { try recorded.directory() }
    let target = (try? found.get()) ?? recorded.name
    if let engine = try? EngineDirectory.find(target) {
      if engine.snapshot?.phase == .training {
        return try Conversation(run: target, name: "resume").carryOut(.resume(.all))
      }
      // The engine has finished, and would keep the run for a while.
      try Conversation(run: target, name: "resume").suspend()
    }
    let directory = try found.get()
    if screen.plain, output.headless || output.json {
      throw ValidationError("--plain: expected neither --headless nor --json beside it")
    }
    if output.isHeadless, !screen.plain {
      try screen.check()
      try HeadlessRun(command: .reopen(directory: directory), writesJSON: output.json).run()
    } else {
      try screen.show(.watching) { try EngineStart.engine(.reopen(directory: directory), name: "resume") }
    }
  }
}
