import Foundation

/// The `:` commands of earlier sessions, in a file of one command a line.
package struct CommandHistory: Sendable {
  /// The maximum number of lines; older ones are dropped.
  package static let limit = 1000
  /// Longer lines are not kept.
  static let longestLine = 1000

  private let file: StateFile

  /// The history in a folder, which need not exist.
  package init(folder: String) { file = StateFile("history", in: folder) }

  /// Returns the lines, oldest first; none if the file cannot be read.
  package func read() -> [String] {
    guard let data = try? file.read(limit: 4 * Self.limit * Self.longestLine) else { return [] }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    return lines.filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }.suffix(Self.limit)
  }

  /// Adds a line, and removes an earlier one that is the same.
  /// - Throws: `StateFile.Failure` if the file cannot be written.
  package func append(_ line: String) throws {
    guard !line.isEmpty, line.count <= Self.longestLine, !line.contains("\n") else { return }
    try file.replace {
      let lines = (read().filter { $0 != line } + [line]).suffix(Self.limit)
      return Data((lines.joined(separator: "\n") + "\n").utf8)
    }
  }
}
