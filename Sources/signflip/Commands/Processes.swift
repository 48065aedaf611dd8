import ArgumentParser
import EngineProtocol
import EngineService

struct Processes: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ps", abstract: "List the running trainings.")

  func run() throws {
    let engines = try EngineDirectory.list().filter(\.trains)
    guard !engines.isEmpty else { return try StandardStream.output.print("no training is running") }
    var table = TextTable([.word("run"), .number("process"), .number("screens"), .word("state")])
    table.rows = engines.map { engine in
      [
        engine.welcome.map { $0.run.isEmpty ? "(not recorded)" : $0.run } ?? engine.path,
        engine.process.map { String($0) } ?? "–", engine.snapshot.map { String($0.clients) } ?? "–",
        engine.summary,
      ]
    }
    try StandardStream.output.print(table.text)
  }
}
