import Foundation
import NIOCore

/// A Unix-domain socket to which clients can connect before it is served.
package struct ListeningSocket: Sendable {
  /// The descriptor, which is close-on-exec.
  package let descriptor: Int32
  /// The path for clients.
  package let path: String

  /// Creates a socket in a directory, with mode 0600.
  /// - Throws: `ServiceError.unsafeSocket` if the directory is not safe or the socket can't be created.
  package init(in folder: SocketFolder) throws {
    try folder.prepare()
    self = try folder.withLock { try ListeningSocket(at: folder.newPath()) }
  }

  /// Creates a socket at a path, with mode 0600.
  /// - Throws: `ServiceError.unsafeSocket` if it can't be created.
  package init(at path: String) throws {
    func failure(_ code: Int32) -> ServiceError {
      ServiceError(.unsafeSocket, "\(path): can't be created: \(String(cString: strerror(code)))")
    }
    let address = try UnixAddress(path)
    let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard made >= 0 else { throw failure(errno) }
    // Above the descriptors that a child inherits, so that it does not collide with them.
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

  /// Checks that a descriptor is a listening Unix-domain socket.
  /// - Throws: `ServiceError.unsafeSocket` with what it is instead.
  static func check(_ descriptor: Int32) throws {
    func failure(_ found: String) -> ServiceError {
      ServiceError(.unsafeSocket, "descriptor \(descriptor): expected a listening Unix-domain socket, found \(found)")
    }
    func option(_ name: Int32) -> Int32? {
      var value: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw failure("a closed descriptor") }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw failure("something other than a socket") }
    guard option(SO_DOMAIN) == AF_UNIX else { throw failure("a socket of another family") }
    guard option(SO_TYPE) == Int32(SOCK_STREAM.rawValue) else { throw failure("a socket of another type") }
    guard option(SO_ACCEPTCONN) == 1 else { throw failure("a socket that does not listen") }
  }
}

/// The address of a Unix-domain socket.
struct UnixAddress {
  private let address: SocketAddress

  /// - Throws: `ServiceError.unsafeSocket` if the path is too long for an address.
  init(_ path: String) throws {
    do {
      address = try SocketAddress(unixDomainSocketPath: path)
    } catch {
      throw ServiceError(
        .unsafeSocket, "\(path): too long for a socket path: \(path.utf8.count) bytes, at most 103 are allowed")
    }
  }

  /// Binds a socket to the address.
  func bind(_ descriptor: Int32) -> Int32 {
    address.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) }
  }

  /// Whether a process is listening there; true if that can't be determined.
  var isAlive: Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    return address.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0 || errno != ECONNREFUSED
  }
}

/// The credentials of a socket's peer according to the kernel, with the layout of `struct ucred`, which Glibc's module
/// does not export.
struct PeerCredentials: Sendable {
  /// The ID of the connected process.
  var process: pid_t
  /// Its user.
  var user: uid_t
  /// Its group.
  var group: gid_t
}
