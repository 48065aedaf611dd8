import Foundation

/// Writes files that the user has requested.
enum NewFile {
  /// Writes a text to a file atomically; “-” is standard output.
  /// - Parameter replaces: whether an existing file may be replaced.
  /// - Throws: `TrainingError` if the file exists or can't be written.
  static func write(_ text: String, to path: String, replaces: Bool = false) throws {
    try write(to: path, replaces: replaces) { write in try write(text) }
  }

  /// Writes a text in pieces.
  /// - Throws: `TrainingError` if the file exists or can't be written; errors of `body` unchanged.
  static func write(
    to path: String, replaces: Bool = false, _ body: (_ write: @escaping (String) throws -> Void) throws -> Void
  ) throws {
    if path == "-" { return try body { try StandardStream.output.write($0) } }
    try writeBytes(to: path, replaces: replaces) { write in try body { try write(Array($0.utf8)) } }
  }

  /// Writes bytes to a file atomically.
  /// - Throws: `TrainingError` if the file exists or can't be written.
  static func write(_ bytes: [UInt8], to path: String, replaces: Bool = false) throws {
    try writeBytes(to: path, replaces: replaces) { write in try write(bytes) }
  }

  private static func writeBytes(
    to path: String, replaces: Bool, _ body: (_ write: @escaping ([UInt8]) throws -> Void) throws -> Void
  ) throws {
    // A device or a pipe, such as /dev/stdout, is written to directly.
    var status = stat()
    if stat(path, &status) == 0, [S_IFCHR, S_IFIFO].contains(status.st_mode & S_IFMT) {
      guard let handle = FileHandle(forWritingAtPath: path) else { throw TrainingError("\(path): can't be opened") }
      return try body { try write($0, to: handle, path) }
    }
    if !replaces, FileManager.default.fileExists(atPath: path) {
      throw TrainingError("\(path): expected a new file, found an existing one")
    }
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw TrainingError("\(path): can't be written: \(words(errno))") }
    do {
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try body { try write($0, to: handle, path) }
      guard rename(temporary, path) == 0 else { throw TrainingError("\(path): can't be written: \(words(errno))") }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func write(_ bytes: [UInt8], to handle: FileHandle, _ path: String) throws {
    do {
      try handle.write(contentsOf: Foundation.Data(bytes))
    } catch {
      throw TrainingError("\(path): can't be written: \(error.localizedDescription)")
    }
  }

  private static func words(_ number: Int32) -> String { String(cString: strerror(number)) }
}
