import Foundation

/// The `:` commands of earlier sessions, in a private file of one command a line.
///
/// Several sessions can add lines: each change locks the folder, reads the file, and replaces it as a whole.
package struct CommandHistory: Sendable {
  /// The maximum number of lines; older ones are dropped.
  package static let limit = 1000
  /// Longer lines are not kept.
  static let longestLine = 1000

  /// The folder of the file.
  package let folder: String
  private var path: String { folder + "/history" }

  /// The history in a folder, which need not exist.
  package init(folder: String) { self.folder = folder }

  /// Returns the lines, oldest first; none if the file cannot be read.
  package func read() -> [String] {
    // Only this program writes the file, so a large one is not a history.
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard size <= 4 * Self.limit * Self.longestLine, let data = FileManager.default.contents(atPath: path) else {
      return []
    }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    return lines.filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }.suffix(Self.limit)
  }

  /// Adds a line, and removes an earlier one that is the same.
  /// - Throws: if the file cannot be written.
  package func append(_ line: String) throws {
    guard !line.isEmpty, line.count <= Self.longestLine, !line.contains("\n") else { return }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CocoaError(.fileReadNoPermission) }
    defer { close(descriptor) }
    // The screen waits for another session's line, but not for a process that was stopped with the lock.
    var attempts = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      attempts += 1
      guard attempts < 500 else { throw CocoaError(.fileLocking) }
      Thread.sleep(forTimeInterval: 0.002)
    }
    let lines = (read().filter { $0 != line } + [line]).suffix(Self.limit)
    let temporary = path + ".new"
    try? FileManager.default.removeItem(atPath: temporary)
    let text = lines.joined(separator: "\n") + "\n"
    guard
      FileManager.default.createFile(
        atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]),
      rename(temporary, path) == 0
    else { throw CocoaError(.fileWriteUnknown) }
  }
}
