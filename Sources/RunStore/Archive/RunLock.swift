import Foundation
import Synchronization

/// A process's lock on a run's directory: `flock` on its file `lock`, which contains the process ID.
///
/// The system releases it when the process ends for any reason.
final class RunLock: Sendable {
  private let descriptor: Mutex<Int32?>

  private init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

  deinit { release() }

  /// Acquires the lock of `directory`.
  /// - Throws: `StoreError.locked` with the process that has it.
  static func acquire(_ directory: String) throws -> RunLock {
    let path = directory + "/lock"
    try RegularFile.check(path)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError(errno: errno, path: path) }
    // A process that only checks the lock holds it for a moment, so this retries a few times.
    for attempt in 1... {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { break }
      let number = errno
      if number == EINTR || (number == EWOULDBLOCK && attempt < 5) {
        usleep(20_000)
        continue
      }
      close(descriptor)
      guard number == EWOULDBLOCK else { throw StoreError(errno: number, path: path) }
      let process = recordedProcess(path).map { "process \($0)" } ?? "another process"
      throw StoreError(.locked, "\(directory): \(process) has this run")
    }
    let lock = RunLock(descriptor)
    guard ftruncate(descriptor, 0) == 0 else { throw StoreError(errno: errno, path: path) }
    try DurableFile.write(Data("\(getpid())\n".utf8), to: descriptor, path: path)
    return lock
  }

  /// Returns the ID of the process that has locked the run; nil if there is none, 0 if unknown.
  static func holder(of directory: String) -> Int? {
    let path = directory + "/lock"
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return recordedProcess(path) ?? 0
  }

  /// Releases the lock.
  func release() {
    descriptor.withLock { descriptor in
      if let open = descriptor { close(open) }
      descriptor = nil
    }
  }

  private static func recordedProcess(_ path: String) -> Int? {
    (try? RegularFile.text(at: path)).flatMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }
}
