import ArgumentParser
import Training

struct Launcher: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Choose what to train, and watch it.")

  @OptionGroup var screen: ScreenOptions

  func run() throws { try screen.show(LocalEngine(), starting: nil) }
}
