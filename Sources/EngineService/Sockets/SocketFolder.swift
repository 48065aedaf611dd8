package import Foundation

/// The directory for the sockets of a user's engines, which is inaccessible to other users.
package struct SocketFolder: Sendable {
  /// Where it is.
  package let path: String
  private let owner: uid_t

  /// A directory at a path.
  /// - Parameter owner: the required owner.
  package init(path: String, owner: uid_t = getuid()) {
    self.path = path
    self.owner = owner
  }

  /// Returns `$XDG_RUNTIME_DIR/signflip`, or `signflip-UID` in the temporary directory if the former is not available.
  package static func standard(environment: [String: String]) -> SocketFolder {
    var isDirectory: ObjCBool = false
    if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/"),
      FileManager.default.fileExists(atPath: runtime, isDirectory: &isDirectory), isDirectory.boolValue
    {
      return SocketFolder(path: runtime + "/signflip")
    }
    let temporary = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    return SocketFolder(path: "\(temporary)/signflip-\(getuid())")
  }

  /// Whether the directory exists.
  package var exists: Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Creates the directory if necessary, and checks that other users cannot access it.
  /// - Throws: `ServiceError.unsafeSocket`.
  package func prepare() throws {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw ServiceError(.unsafeSocket, "\(path): can't be created: \(String(cString: strerror(errno)))")
    }
    try check()
  }

  /// Checks that it belongs to this user and that others cannot write to it, because they could pretend to be an
  /// engine.
  /// - Throws: `ServiceError.unsafeSocket`.
  package func check() throws {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      throw ServiceError(.unsafeSocket, "\(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw ServiceError(.unsafeSocket, "\(path): expected a folder, found something else")
    }
    guard status.st_uid == owner else {
      throw ServiceError(.unsafeSocket, "\(path): expected a folder of user \(owner), found one of \(status.st_uid)")
    }
    guard status.st_mode & 0o077 == 0 else {
      let mode = String(status.st_mode & 0o777, radix: 8)
      throw ServiceError(.unsafeSocket, "\(path): expected a folder closed to others (mode 700), found mode \(mode)")
    }
  }

  /// Returns the paths of all sockets, sorted by name.
  package func sockets() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".sock") }.sorted().map { "\(path)/\($0)" }
  }

  /// Returns a path for a new socket.
  package func newPath() -> String {
    "\(path)/\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16)).sock"
  }

  /// Runs `body` while no other process creates or removes sockets, because a socket that is bound but not yet
  /// listening looks dead.
  package func withLock<Result>(_ body: () throws -> Result) throws -> Result {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ServiceError(.unsafeSocket, "\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    flock(descriptor, LOCK_EX)
    return try body()
  }
}
