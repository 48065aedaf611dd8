import Dashboard
import Foundation
import TerminalUI

/// The file of the user's settings, which is read again when it changes, and never written.
final class SettingsFile {
  /// The file's path; it need not exist.
  let path: String
  private let library: ThemeLibrary
  private var stamp: Stamp?
  private var isMissing = false

  // What changes with every edit.
  private struct Stamp: Hashable {
    let date: Date?
    let size: Int?
    let number: Int?
  }

  init(path: String = UserFolders.configuration() + "/config.yaml", library: ThemeLibrary) {
    self.path = path
    self.library = library
  }

  /// Reads the file.
  func read() -> SettingsReading {
    stamp = currentStamp
    return SettingsReading(contentsOf: path, library: library)
  }

  /// Reads the file if it has changed since the last call.
  func readIfChanged() -> SettingsReading? {
    let current = currentStamp
    // Editors that replace a file let it be missing for a moment.
    defer { isMissing = current == nil }
    guard current != stamp, current != nil || isMissing else { return nil }
    return read()
  }

  private var currentStamp: Stamp? {
    // The file that a link leads to.
    let file = URL(filePath: path).resolvingSymlinksInPath().path
    guard let found = try? FileManager.default.attributesOfItem(atPath: file) else { return nil }
    return Stamp(
      date: found[.modificationDate] as? Date, size: found[.size] as? Int, number: found[.systemFileNumber] as? Int)
  }
}
