import Foundation
import NIOCore

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

  /// Whether somebody listens there. Where that can't be told, nobody is assumed to be dead.
  var isAlive: Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    return address.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0 || errno != ECONNREFUSED
  }
}
