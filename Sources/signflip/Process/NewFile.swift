import Foundation

/// Files that a person asked for.
enum NewFile {
  /// Writes a text to a file, whole or not at all; “-” is standard output.
  /// - Parameter replaces: whether a file that is there may be replaced.
  /// - Throws: `TrainingError` where the file is there already or can't be written.
  static func write(_ text: String, to path: String, replaces: Bool = false) throws {
    if path == "-" { return try StandardStream.output.write(text) }
    // A device or a pipe, as /dev/stdout, is written to and stays.
    var status = stat()
    if stat(path, &status) == 0, [S_IFCHR, S_IFIFO].contains(status.st_mode & S_IFMT) {
      guard let handle = FileHandle(forWritingAtPath: path) else { throw TrainingError("\(path): can't be opened") }
      do { return try handle.write(contentsOf: Foundation.Data(text.utf8)) } catch {
        throw TrainingError("\(path): can't be written: \(error.localizedDescription)")
      }
    }
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
