private import Foundation
private import Tensors

/// A file on its way here, `NAME.part`: what has come of it stays for the next time.
///
/// It is locked, so that two processes don't write into one another's.
package final class PartFile {
  /// Where it lies.
  package let path: String
  /// The open file.
  let descriptor: Int32

  /// Opens what has come of a file, or begins with nothing.
  /// - Throws: `DatasetError` where it cannot be written, or another process has it.
  package init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw DatasetError(errno: errno, writing: path) }
    var (file, named) = (stat(), stat())
    // Whoever had it may have finished meanwhile: then the file open here has another name.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &file) == 0, stat(path, &named) == 0,
      file.st_ino == named.st_ino
    else {
      close(descriptor)
      throw DatasetError(.busy, "\(path): another process is getting this file")
    }
  }

  deinit { close(descriptor) }

  /// How many bytes have come. The file's position is behind them.
  package func size() throws -> Int {
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0 else { throw DatasetError(errno: errno, writing: path) }
    return end
  }

  /// Begins again with nothing.
  func restart() throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw DatasetError(errno: errno, writing: path)
    }
  }

  /// The SHA-256 of what has come.
  /// - Parameter pulse: called now and then; what it throws ends the reading.
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

  /// Gives it its final name, where nothing has that name.
  func place(at target: String) throws {
    guard fsync(descriptor) == 0 else { throw DatasetError(errno: errno, writing: path) }
    guard access(target, F_OK) != 0 else {
      throw DatasetError(.unwritable, path: target, expected: "nothing in the way", found: "a file that came meanwhile")
    }
    guard rename(path, target) == 0 else { throw DatasetError(errno: errno, writing: target) }
  }

  /// Removes it.
  func remove() { unlink(path) }
}
