private import Foundation
private import TrainingMetrics

/// Why a data set could not be read.
package struct DatasetError: Error, Sendable, CustomStringConvertible {
  /// What kind of fault it is.
  package enum Code: String, Sendable {
    /// Neither a known name nor a folder.
    case unknownDataset
    /// A known data set, a folder or one of its files is missing.
    case notFound
    /// The file is there but cannot be read.
    case unreadable
    /// The file is not of the format it should be.
    case wrongFormat
    /// The file ends before what its header announces.
    case truncated
    /// The file goes on after what its header announces.
    case trailingBytes
    /// The compressed data or the image are damaged.
    case corrupted
    /// The file holds no images, no labels, or a single class.
    case empty
    /// The file announces more than this program reads.
    case tooLarge
    /// Two files that belong together disagree.
    case mismatch
    /// A label names no class.
    case invalidLabel
    /// More images were asked for than there are.
    case outOfRange
    /// No source has the file, or none answers.
    case notDownloaded
    /// The file is not the one that its checksum says.
    case wrongChecksum
    /// A file or folder cannot be written.
    case unwritable
    /// The disk has no room.
    case diskFull
    /// Another process is getting the same file.
    case busy
    /// Somebody pressed Ctrl-C.
    case interrupted
  }

  /// What kind of fault it is.
  package let code: Code
  /// One sentence that names the path, what was expected and what was found.
  package let message: String
  /// The error below this one.
  package let cause: (any Error)?

  /// A fault with its sentence.
  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    // Names of files stand in it.
    self.message = message.printableLine
    self.cause = cause
  }

  /// A fault of a file's contents.
  package init(_ code: Code, path: String, expected: String, found: String) {
    self.init(code, "\(path): expected \(expected), found \(found)")
  }

  package var description: String { message }
}

extension DatasetError {
  /// What the system says in `errno` about a file or folder that is written.
  init(errno number: Int32, writing path: String) {
    switch number {
    case ENOSPC, EDQUOT:
      self.init(.diskFull, "\(path): expected room for it, found the disk full")
    default:
      self.init(.unwritable, "\(path): cannot be written: \(String(cString: strerror(number)))")
    }
  }

  /// What the system says in `errno`, as the end of a sentence.
  static func reason(_ number: Int32) -> String {
    number == EACCES || number == EPERM ? "permission denied" : String(cString: strerror(number)).lowercased()
  }
}
