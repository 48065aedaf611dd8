package import Foundation

/// Writes files atomically and durably, even if the power fails: temporary file, fsync, rename, fsync of the directory.
package enum DurableFile {
  /// Writes `data` to `path`, replacing an existing file.
  /// - Throws: `StoreError`.
  package static func write(_ data: Data, to path: String) throws {
    try replace(path) { descriptor, temporary in try write(data, to: descriptor, path: temporary) }
  }

  /// Writes a text in pieces to `path`, replacing an existing file.
  /// - Throws: `StoreError`.
  static func write(to path: String, _ body: (_ write: @escaping (String) throws -> Void) throws -> Void) throws {
    try replace(path) { descriptor, temporary in
      try body { try write(Data($0.utf8), to: descriptor, path: temporary) }
    }
  }

  /// Renames the finished file at `temporary` to `path`.
  package static func rename(_ temporary: String, to path: String) throws {
    try synchronize(temporary)
    guard Foundation.rename(temporary, path) == 0 else { throw StoreError(errno: errno, path: path) }
    try synchronize((path as NSString).deletingLastPathComponent)
  }

  /// Waits until the file or directory at `path` is on disk.
  static func synchronize(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(errno: errno, path: path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(errno: errno, path: path) }
  }

  /// Writes all of `data` to an open file.
  static func write(_ data: Data, to descriptor: Int32, path: String) throws {
    try data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw StoreError(errno: errno, path: path) }
        done += count
      }
    }
  }

  private static func replace(_ path: String, _ fill: (_ descriptor: Int32, _ path: String) throws -> Void) throws {
    let temporary = path + ".tmp"
    do {
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw StoreError(errno: errno, path: temporary) }
      do {
        defer { close(descriptor) }
        try fill(descriptor, temporary)
      }
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }
}

/// Checks that files in a run's directory are regular files, because opening a pipe or a device could block forever.
package enum RegularFile {
  /// Checks that `path` is a regular file or does not exist.
  /// - Throws: `StoreError.damaged` with what it is.
  static func check(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    let kinds: [mode_t: String] = [
      S_IFIFO: "a pipe (FIFO)", S_IFSOCK: "a socket", S_IFCHR: "a device", S_IFBLK: "a device", S_IFDIR: "a folder",
    ]
    guard let kind = kinds[status.st_mode & S_IFMT] else { return }
    throw StoreError(.damaged, "\(path): expected a file, found \(kind)")
  }

  /// Returns the text of the file at `path`; nil if it does not exist.
  /// - Throws: `StoreError` if it is not a regular file, or not text.
  package static func text(at path: String) throws -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    try check(path)
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw StoreError(.damaged, "\(path): expected UTF-8 text, found something else")
    }
  }
}

/// The size of directories on disk.
package enum FolderSize {
  /// Returns the bytes of all files below `path`, without its subdirectory `omitted`.
  package static func bytes(of path: String, leavingOut omitted: String? = nil) -> Int {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return 0 }
    return names.reduce(0) { sum, name in
      guard name != omitted else { return sum }
      let file = path + "/" + name
      var status = stat()
      guard lstat(file, &status) == 0 else { return sum }
      return sum + (status.st_mode & S_IFMT == S_IFDIR ? bytes(of: file) : Int(status.st_size))
    }
  }
}
