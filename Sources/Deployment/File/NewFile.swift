private import Foundation

/// Writes files that the user has requested: whole or not at all.
package enum NewFile {
  /// Writes bytes.
  /// - Parameter replaces: whether an existing file may be replaced.
  /// - Throws: `NewFileError` if the file exists or can't be written.
  package static func write(_ bytes: [UInt8], to path: String, replaces: Bool = false) throws {
    try writeBytes(to: path, replaces: replaces) { write in try write(bytes) }
  }

  /// Writes bytes in pieces.
  /// - Throws: `NewFileError` if the file exists or can't be written; errors of `body` unchanged.
  package static func writeBytes(
    to path: String, replaces: Bool, _ body: (_ write: @escaping ([UInt8]) throws -> Void) throws -> Void
  ) throws {
    // A device or a pipe, such as /dev/stdout, is written to directly.
    var status = stat()
    if stat(path, &status) == 0, [S_IFCHR, S_IFIFO].contains(status.st_mode & S_IFMT) {
      guard let handle = FileHandle(forWritingAtPath: path) else {
        throw NewFileError(.unwritable, path: path, "can't be opened")
      }
      return try body { try write($0, to: handle, path) }
    }
    if !replaces { try check(path) }
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw unwritable(path) }
    do {
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try body { try write($0, to: handle, path) }
      guard rename(temporary, path) == 0 else { throw unwritable(path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Checks that there is no file at a path.
  /// - Throws: `NewFileError.exists`.
  package static func check(_ path: String) throws {
    if FileManager.default.fileExists(atPath: path) {
      throw NewFileError(.exists, path: path, "expected a new file, found an existing one")
    }
  }

  private static func write(_ bytes: [UInt8], to handle: FileHandle, _ path: String) throws {
    do {
      try handle.write(contentsOf: Foundation.Data(bytes))
    } catch {
      throw NewFileError(.unwritable, path: path, "can't be written: \(error.localizedDescription)")
    }
  }

  private static func unwritable(_ path: String) -> NewFileError {
    NewFileError(.unwritable, path: path, "can't be written: \(String(cString: strerror(errno)))")
  }
}

/// Why a file was not written.
package struct NewFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of errors.
  package enum Code: Hashable, Sendable {
    /// There is a file of this name, which was not to be replaced.
    case exists
    /// The disk is full, or the folder does not exist or is not the user's.
    case unwritable
  }

  /// The kind.
  package let code: Code
  /// The file.
  package let path: String
  /// The path, and what was found.
  package let message: String

  /// An error at a path.
  package init(_ code: Code, path: String, _ found: String) {
    (self.code, self.path, message) = (code, path, "\(path): \(found)")
  }

  package var description: String { message }
}
