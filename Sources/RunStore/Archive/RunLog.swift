import Foundation
import Synchronization
import TrainingMetrics

/// The run's file `log`, with one line and time per event.
final class RunLog: Sendable {
  private let descriptor: Mutex<Int32?>

  /// Opens the log of `directory` for appending.
  init(_ directory: String) throws {
    let path = directory + "/log"
    try RegularFile.check(path)
    let opened = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard opened >= 0 else { throw StoreError(errno: errno, path: path) }
    descriptor = Mutex(opened)
  }

  deinit { close() }

  /// Appends a line. Errors are ignored.
  func append(_ line: String) {
    let text = "\(Date.now.formatted(.iso8601)) \(line.replacing("\n", with: " ").printableLine)\n"
    descriptor.withLock { descriptor in
      if let descriptor { try? DurableFile.write(Data(text.utf8), to: descriptor, path: "log") }
    }
  }

  /// Closes the file; later lines are ignored.
  func close() {
    descriptor.withLock { descriptor in
      if let open = descriptor { Foundation.close(open) }
      descriptor = nil
    }
  }
}
