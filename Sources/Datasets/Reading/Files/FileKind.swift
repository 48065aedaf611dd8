internal import Foundation

/// The kind of file at a path.
enum FileKind: Hashable, Sendable {
  /// A regular file.
  case file
  /// A folder.
  case folder
  /// Nothing.
  case missing
  /// A dangling link.
  case danglingLink
  /// A special file, which can't be read as a whole: a FIFO, a device.
  case special(String)
  /// Unknown, with the system's error.
  case unknown(Int32)

  /// Determines the kind of a path, following links.
  init(of path: SystemPath) {
    var status = stat()
    let name = path.cString
    if stat(name, &status) == 0 {
      self.init(status)
    } else if errno == ENOENT || errno == ELOOP {
      self = lstat(name, &status) == 0 ? .danglingLink : .missing
    } else {
      self = .unknown(errno)
    }
  }

  /// Determines the kind from a file's status.
  init(_ status: stat) {
    self =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFIFO: .special("a FIFO")
      case S_IFSOCK: .special("a socket")
      case S_IFCHR, S_IFBLK: .special("a device")
      default: .special("something else")
      }
  }

  /// The end of “expected a file, found”.
  var words: String {
    switch self {
    case .file: "a file"
    case .folder: "a folder"
    case .missing: "no such file"
    case .danglingLink: "a dangling link"
    case .special(let words): words
    case .unknown(let number): DatasetError.reason(number)
    }
  }
}
