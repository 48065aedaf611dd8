import Foundation
import GRDB
private import TrainingMetrics

/// Why something of a run could not be read or written.
package struct StoreError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: Sendable, Hashable {
    /// There is no such run, or more than one of the name.
    case notFound
    /// Another engine has the run.
    case locked
    /// The run was written by a newer signflip.
    case newerFormat
    /// A file is cut short, altered, or not what its name says.
    case damaged
    /// The disk is full.
    case diskFull
    /// The folder or file can't be written.
    case notWritable
    /// What was to be written is there already.
    case exists
    /// Anything else that the system or SQLite says.
    case failed
  }

  /// What is wrong.
  package let code: Code
  /// Where, what was expected, and what was found.
  package let message: String

  /// A failure of this kind.
  package init(_ code: Code, _ message: String) {
    self.code = code
    // Names of files stand in it.
    self.message = message.printableLine
  }

  package var description: String { message }
}

extension StoreError {
  /// What the system says in `errno`, or another room's error, about the file or folder at `path`.
  init(_ error: any Error, path: String) {
    if let error = error as? StoreError {
      self = error
    } else if let error = error as? DatabaseError {
      self.init(database: error, path: path)
    } else if let number = Self.errorNumber(of: error) {
      self.init(errno: number, path: path)
    } else if Self.isFull(folder: path) {
      self.init(errno: ENOSPC, path: path)
    } else {
      self.init(.failed, "\(path): \(error)")
    }
  }

  /// What the system says about the file or folder at `path`.
  init(errno number: Int32, path: String) {
    switch number {
    case ENOSPC, EDQUOT: self.init(.diskFull, "\(path): the disk is full")
    case EACCES, EPERM, EROFS, ENOTDIR:
      self.init(.notWritable, "\(path): can't be written: \(Self.words(number))")
    case ENOENT: self.init(.notFound, "\(path): \(Self.words(number))")
    case EEXIST: self.init(.exists, "\(path): is there already")
    default: self.init(.failed, "\(path): \(Self.words(number))")
    }
  }

  private init(database error: DatabaseError, path: String) {
    switch error.resultCode {
    case .SQLITE_FULL: self.init(.diskFull, "\(path): the disk is full")
    // SQLite can't always tell why the system did not write.
    case .SQLITE_IOERR where Self.isFull(folder: path): self.init(.diskFull, "\(path): the disk is full")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      self.init(.notWritable, "\(path): can't be written: \(error.message ?? "SQLite tells no more")")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(.damaged, "\(path): expected a SQLite database, found \(error.message ?? "damage")")
    case .SQLITE_CONSTRAINT:
      self.init(.exists, "\(path): was recorded already: \(error.message ?? "SQLite tells no more")")
    default: self.init(.failed, "\(path): \(error.message ?? error.resultCode.description)")
    }
  }

  private static func words(_ number: Int32) -> String { String(cString: strerror(number)) }

  private static func errorNumber(of error: any Error) -> Int32? {
    if let error = error as? POSIXError { return Int32(error.code.rawValue) }
    guard type(of: error) is NSError.Type || error is CocoaError else { return nil }
    let system = error as NSError
    if system.domain == NSPOSIXErrorDomain { return Int32(system.code) }
    if let below = system.userInfo[NSUnderlyingErrorKey] as? any Error { return errorNumber(of: below) }
    switch (error as? CocoaError)?.code {
    case .fileWriteOutOfSpace: return ENOSPC
    case .fileWriteNoPermission, .fileReadNoPermission: return EACCES
    case .fileWriteVolumeReadOnly: return EROFS
    default: return nil
    }
  }

  private static func isFull(folder path: String) -> Bool {
    var system = statvfs()
    let folder = (path as NSString).deletingLastPathComponent
    guard statvfs(path, &system) == 0 || statvfs(folder, &system) == 0 else { return false }
    return system.f_bavail == 0
  }
}
