import Foundation
import GRDB
private import TrainingMetrics

/// Why part of a run could not be read or written.
package struct StoreError: Error, Sendable, CustomStringConvertible {
  /// The kind of error.
  package enum Code: Sendable, Hashable {
    /// There is no such run, or more than one of this name.
    case notFound
    /// Another engine is running the run.
    case locked
    /// The run was written by a newer version of signflip.
    case newerFormat
    /// A file is truncated, altered, or not of the expected kind.
    case damaged
    /// The disk is full.
    case diskFull
    /// The directory or file is not writable.
    case notWritable
    /// The target exists already.
    case exists
    /// Any other error of the system or SQLite.
    case failed
  }

  /// The kind of error.
  package let code: Code
  /// Where the error is, what was expected, and what was found.
  package let message: String

  /// An error of this kind.
  package init(_ code: Code, _ message: String) {
    self.code = code
    // The message may contain file names.
    self.message = message.printableLine
  }

  package var description: String { message }
}

extension StoreError {
  /// A system error (`errno`) or another target's error, about the file or directory at `path`.
  package init(_ error: any Error, path: String) {
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

  /// A system error about the file or directory at `path`.
  package init(errno number: Int32, path: String) {
    switch number {
    case ENOSPC, EDQUOT: self.init(.diskFull, "\(path): the disk is full")
    case EACCES, EPERM, EROFS, ENOTDIR:
      self.init(.notWritable, "\(path): can't be written: \(Self.words(number))")
    case ENOENT: self.init(.notFound, "\(path): \(Self.words(number))")
    case EEXIST: self.init(.exists, "\(path): already exists")
    default: self.init(.failed, "\(path): \(Self.words(number))")
    }
  }

  private init(database error: DatabaseError, path: String) {
    switch error.resultCode {
    case .SQLITE_FULL: self.init(.diskFull, "\(path): the disk is full")
    // SQLite can't always determine why a write failed.
    case .SQLITE_IOERR where Self.isFull(folder: path): self.init(.diskFull, "\(path): the disk is full")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      self.init(.notWritable, "\(path): can't be written: \(error.message ?? "SQLite gives no reason")")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(.damaged, "\(path): expected a SQLite database, found \(error.message ?? "damage")")
    case .SQLITE_CONSTRAINT:
      self.init(.exists, "\(path): was already recorded: \(error.message ?? "SQLite gives no reason")")
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
