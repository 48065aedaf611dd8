import ArgumentParser
import Dashboard
import EngineService

struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open the live screen of a running training.",
    discussion: "It shows the whole history. Several screens can watch the same run.")

  @OptionGroup var target: RunArgument
  @OptionGroup var screen: ScreenOptions

  func run() throws {
    let info = try EngineDirectory.find(target.run)
    try screen.show(.watching, tellsHistory: false) {
      let engine = try RemoteEngine.connect(path: info.path, name: ClientName.of("attach"), takesSketches: true)
      engine.tellVersion()
      return engine
    }
  }
}
