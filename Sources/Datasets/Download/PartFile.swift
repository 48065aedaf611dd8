private import Foundation
private import Tensors

/// An incomplete download, `NAME.part`, which is kept for the next attempt.
///
/// It is locked against other processes.
package final class PartFile {
  /// Its path.
  package let path: String
  /// Its open descriptor.
  let descriptor: Int32

  /// Opens the part file, or creates an empty one.
  /// - Throws: `DatasetError` if it cannot be written, or another process has locked it.
  package init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw DatasetError(errno: errno, writing: path) }
    var (file, named) = (stat(), stat())
    // The other process may have finished and renamed the file meanwhile.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &file) == 0, stat(path, &named) == 0,
      file.st_ino == named.st_ino
    else {
      close(descriptor)
      throw DatasetError(.busy, "\(path): another process is downloading this file")
    }
  }

  deinit { close(descriptor) }

  /// The number of bytes received. The file's position is set behind them.
  package func size() throws -> Int {
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { throw DatasetError(errno: errno, writing: path) }
    return end
  }

  /// Truncates the file to restart.
  func restart() throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw DatasetError(errno: errno, writing: path)
    }
  }

  /// Computes the SHA-256 of the received bytes.
  /// - Parameter pulse: called periodically; errors that it throws cancel the computation.
  func sha256(pulse: () throws -> Void) throws -> String {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw DatasetError(errno: errno, writing: path) }
    let digest = ByteDigest()
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw DatasetError(.unreadable, "\(path): cannot be read: \(String(cString: strerror(errno)))")
      }
      if count == 0 { return digest.finish() }
      digest.update(chunk[..<count])
      try pulse()
    }
  }

  /// Renames the file to its final name, unless that exists.
  func place(at target: String) throws {
    guard fsync(descriptor) == 0 else { throw DatasetError(errno: errno, writing: path) }
    guard access(target, F_OK) != 0 else {
      throw DatasetError(
        .unwritable, path: target, expected: "no existing file", found: "one that was created meanwhile")
    }
    guard rename(path, target) == 0 else { throw DatasetError(errno: errno, writing: target) }
  }

  /// Removes the file.
  func remove() { unlink(path) }
}
