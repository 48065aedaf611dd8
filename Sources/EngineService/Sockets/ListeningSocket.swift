import Foundation

/// A Unix-domain socket that clients can connect to before anybody serves it.
package struct ListeningSocket: Sendable {
  /// Closed on exec.
  package let descriptor: Int32
  /// Where clients find it.
  package let path: String

  /// A new socket in a folder, mode 0600.
  /// - Throws: `ServiceError.unsafeSocket` where the folder is not safe or the socket can't be made.
  package init(in folder: SocketFolder) throws {
    try folder.prepare()
    self = try folder.withLock { try ListeningSocket(at: folder.newPath()) }
  }

  /// A new socket at a path, mode 0600.
  /// - Throws: `ServiceError.unsafeSocket` where it can't be made.
  package init(at path: String) throws {
    func failure(_ code: Int32) -> ServiceError {
      ServiceError(.unsafeSocket, "\(path): can't be made: \(String(cString: strerror(code)))")
    }
    let address = try UnixAddress(path)
    let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard made >= 0 else { throw failure(errno) }
    // Above the descriptors that a child is given: it must not be taken for one of them.
    let descriptor = fcntl(made, F_DUPFD_CLOEXEC, 10)
    let cause = errno
    close(made)
    guard descriptor >= 0 else { throw failure(cause) }
    guard address.bind(descriptor) == 0, chmod(path, 0o600) == 0, listen(descriptor, 64) == 0 else {
      let cause = errno
      close(descriptor)
      if cause != EADDRINUSE { unlink(path) }
      throw failure(cause)
    }
    self.descriptor = descriptor
    self.path = path
  }
}
