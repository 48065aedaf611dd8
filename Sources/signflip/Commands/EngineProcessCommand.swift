import ArgumentParser
import EngineService
import Foundation
import Training

struct EngineProcessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine",
    abstract: "Serve an engine on a socket, for dashboards and scripts. Other commands start it when needed.",
    discussion: WireProtocol.summary)

  @Option(help: ArgumentHelp("The descriptor of a bound, listening socket.", valueName: "number"))
  var descriptor: Int32?

  func run() throws {
    let engine = LocalEngine(program: Signflip.version)
    let host = EngineHost(engine: engine, program: Signflip.version)
    if let descriptor {
      try host.run(on: descriptor)
    } else {
      let folder = SocketFolder.standard(environment: ProcessInfo.processInfo.environment)
      let socket = try ListeningSocket(in: folder)
      try StandardStream.output.print(socket.path)
      try host.run(on: socket.descriptor)
    }
    engine.close()
  }
}
