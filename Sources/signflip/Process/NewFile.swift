import Deployment

extension NewFile {
  /// Writes a text to a file atomically; “-” is standard output.
  /// - Parameter replaces: whether an existing file may be replaced.
  /// - Throws: `NewFileError` if the file exists or can't be written.
  static func write(_ text: String, to path: String, replaces: Bool = false) throws {
    try write(to: path, replaces: replaces) { write in try write(text) }
  }

  /// Writes a text in pieces.
  /// - Throws: `NewFileError` if the file exists or can't be written; errors of `body` unchanged.
  static func write(
    to path: String, replaces: Bool = false, _ body: (_ write: @escaping (String) throws -> Void) throws -> Void
  ) throws {
    if path == "-" { return try body { try StandardStream.output.write($0) } }
    try writeBytes(to: path, replaces: replaces) { write in try body { try write(Array($0.utf8)) } }
  }
}
