private import Foundation
private import TrainingMetrics

/// Why a data set could not be read.
package struct DatasetError: Error, Sendable, CustomStringConvertible {
  /// The kind of error.
  package enum Code: String, Sendable {
    /// Neither a known name nor a directory.
    case unknownDataset
    /// A known data set, a directory or one of its files is missing.
    case notFound
    /// The file exists but cannot be read.
    case unreadable
    /// The file does not have the expected format.
    case wrongFormat
    /// The file is shorter than its header says.
    case truncated
    /// The file is longer than its header says.
    case trailingBytes
    /// The compressed data or the image is damaged.
    case corrupted
    /// The file contains no images, no labels, or a single class.
    case empty
    /// The file's header announces more than this program reads.
    case tooLarge
    /// Two related files do not match.
    case mismatch
    /// A label is not a valid class.
    case invalidLabel
    /// More images were requested than exist.
    case outOfRange
    /// No source has the file, or none responds.
    case notDownloaded
    /// The file does not have the expected checksum.
    case wrongChecksum
    /// A file or directory cannot be written.
    case unwritable
    /// The disk is full.
    case diskFull
    /// Another process is downloading the same file.
    case busy
    /// The user pressed Ctrl-C.
    case interrupted
  }

  /// The kind of error.
  package let code: Code
  /// One sentence with the path, what was expected and what was found.
  package let message: String
  /// The underlying error.
  package let cause: (any Error)?

  /// An error with this sentence.
  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    // The message may contain file names.
    self.message = message.printableLine
    self.cause = cause
  }

  /// An error in a file's contents.
  package init(_ code: Code, path: String, expected: String, found: String) {
    self.init(code, "\(path): expected \(expected), found \(found)")
  }

  package var description: String { message }
}

extension DatasetError {
  /// A system error (`errno`) when writing a file or directory.
  init(errno number: Int32, writing path: String) {
    switch number {
    case ENOSPC, EDQUOT:
      self.init(.diskFull, "\(path): the disk is full")
    default:
      self.init(.unwritable, "\(path): cannot be written: \(String(cString: strerror(number)))")
    }
  }

  /// Returns a system error (`errno`) as the end of a sentence.
  static func reason(_ number: Int32) -> String {
    number == EACCES || number == EPERM ? "permission denied" : String(cString: strerror(number)).lowercased()
  }
}
