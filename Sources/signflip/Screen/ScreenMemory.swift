import Dashboard
import Foundation

/// What the screen remembers from one session to the next, a file per choice in `$XDG_STATE_HOME/signflip`.
enum ScreenMemory {
  /// Reads the charts that the user chose last.
  /// - Returns: the standard ones if none were chosen, or the file is wrong; then also what is wrong with it.
  static func charts() -> (panels: [ChartPanel], problem: SettingsProblem?) {
    let file = folder.appending(path: "charts")
    func wrong(_ message: String) -> ([ChartPanel], SettingsProblem?) {
      (ChartPanel.standard, SettingsProblem(path: file.path, line: nil, message: message))
    }
    do {
      let text = try String(contentsOf: file, encoding: .utf8)
      return (try ChartPanel.parse(text.split(separator: "\n").first.map(String.init) ?? ""), nil)
    } catch let mistake as ChartPanel.Mistake {
      return wrong(mistake.description)
    } catch CocoaError.fileReadNoSuchFile {
      return (ChartPanel.standard, nil)
    } catch {
      return wrong("not readable: \(error.localizedDescription)")
    }
  }

  /// Saves a list of charts, in the form that `ChartPanel.parse` reads.
  /// - Throws: `CocoaError` if the file cannot be written.
  static func saveCharts(_ list: String) throws {
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try (list + "\n").write(to: folder.appending(path: "charts"), atomically: true, encoding: .utf8)
  }

  private static var folder: URL { URL(filePath: UserFolders.state()) }
}
