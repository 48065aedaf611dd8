private import Foundation

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
