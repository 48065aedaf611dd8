import Foundation
import NIOCore

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
    // Above the descriptors that a child inherits, so that it is not mistaken for one of them.
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

  /// Makes sure that a descriptor is an open Unix-domain socket that listens.
  /// - Throws: `ServiceError.unsafeSocket`, saying what it is instead.
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
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw failure("none that is open") }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw failure("something that is no socket") }
    guard option(SO_DOMAIN) == AF_UNIX else { throw failure("a socket of another family") }
    guard option(SO_TYPE) == Int32(SOCK_STREAM.rawValue) else { throw failure("a socket of another type") }
    guard option(SO_ACCEPTCONN) == 1 else { throw failure("a socket that does not listen") }
  }
}

/// The address of a Unix-domain socket.
struct UnixAddress {
  private let address: SocketAddress

  /// - Throws: `ServiceError.unsafeSocket` where the path is longer than an address can be.
  init(_ path: String) throws {
    do {
      address = try SocketAddress(unixDomainSocketPath: path)
    } catch {
      throw ServiceError(.unsafeSocket, "\(path): too long for a socket: \(path.utf8.count) bytes, at most 103 fit")
    }
  }

  /// Gives the address to a socket; as `bind`.
  func bind(_ descriptor: Int32) -> Int32 {
    address.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) }
  }

  /// Whether a process listens there; true in doubt.
  var isAlive: Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    return address.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0 || errno != ECONNREFUSED
  }
}

/// Who is at the other end of a socket, as the kernel says: laid out as its `struct ucred`, which Glibc's module hides.
struct PeerCredentials: Sendable {
  /// The process that connected.
  var process: pid_t
  /// Its user.
  var user: uid_t
  /// Its group.
  var group: gid_t
}
