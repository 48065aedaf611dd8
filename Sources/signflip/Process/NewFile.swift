import Foundation

/// Files that a person asked for.
enum NewFile {
  /// Writes a text to a file, whole or not at all.
  /// - Parameter replaces: whether a file that is there may be replaced.
  /// - Throws: `TrainingError` where the file is there already or can't be written.
  static func write(_ text: String, to path: String, replaces: Bool = false) throws {
    if !replaces, FileManager.default.fileExists(atPath: path) {
      throw TrainingError("\(path): expected a new file, found one that is there already")
    }
    do {
      try Foundation.Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw TrainingError("\(path): can't be written: \(error.localizedDescription)")
    }
  }
}
