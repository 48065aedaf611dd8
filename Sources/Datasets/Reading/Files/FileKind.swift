internal import Foundation

/// What lies at a path.
enum FileKind: Hashable, Sendable {
  /// A regular file.
  case file
  /// A folder.
  case folder
  /// Nothing.
  case missing
  /// A link to what is not there.
  case danglingLink
  /// What can be neither read as a whole nor looked into: a FIFO, a device.
  case special(String)
  /// What the system does not tell about, and why.
  case unknown(Int32)

  /// Looks at a path; links are followed.
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

  /// What a file's status says.
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

  /// As the end of “expected a file, found”.
  var words: String {
    switch self {
    case .file: "a file"
    case .folder: "a folder"
    case .missing: "no such file"
    case .danglingLink: "a link to something that is not there"
    case .special(let words): words
    case .unknown(let number): DatasetError.reason(number)
    }
  }
}
