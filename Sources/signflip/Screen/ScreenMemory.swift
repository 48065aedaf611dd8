import Dashboard
import Foundation

/// What the screen remembers from one session to the next, a file per choice in `$XDG_STATE_HOME/signflip`.
enum ScreenMemory {
  /// Reads the charts that the user chose last.
  /// - Returns: the standard ones if none were chosen, or the file is wrong; then also what is wrong with it.
  static func charts() -> (panels: [ChartPanel], problem: SettingsProblem?) {
    func wrong(_ message: String) -> ([ChartPanel], SettingsProblem?) {
      (ChartPanel.standard, SettingsProblem(path: file.path, line: nil, message: message))
    }
    do {
      guard let data = try file.read(limit: 100_000) else { return (ChartPanel.standard, nil) }
      let text = String(decoding: data, as: UTF8.self)
      return (try ChartPanel.parse(text.split(separator: "\n").first.map(String.init) ?? ""), nil)
    } catch let failure as StateFile.Failure {
      return wrong(failure.reason)
    } catch {
      return wrong("\(error)")
    }
  }

  /// Saves a list of charts, in the form that `ChartPanel.parse` reads.
  /// - Throws: `StateFile.Failure` if the file cannot be written.
  static func saveCharts(_ list: String) throws { try file.replace { Foundation.Data((list + "\n").utf8) } }

  private static var file: StateFile { StateFile("charts", in: UserFolders.state()) }
}
