import Dashboard
import Foundation

/// What the screen remembers from one session to the next, a file per choice in `$XDG_STATE_HOME/signflip`.
enum ScreenMemory {
  /// The charts that the user chose last; the standard ones if none were chosen, or the file is not readable.
  static var charts: [ChartPanel] {
    guard let text = try? String(contentsOf: folder.appending(path: "charts"), encoding: .utf8) else {
      return ChartPanel.standard
    }
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    return (try? ChartPanel.parse(line)) ?? ChartPanel.standard
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
