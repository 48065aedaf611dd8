import Foundation

/// Who is at the other end of a socket, as the kernel says: laid out as its `struct ucred`, which Glibc's module hides.
struct PeerCredentials: Sendable {
  /// The process that connected.
  var process: pid_t
  /// Its user.
  var user: uid_t
  /// Its group.
  var group: gid_t
}
