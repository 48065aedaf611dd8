import Foundation
import TrainingMetrics

/// Standard output or standard error.
///
/// Writes are unbuffered, and throw on failure: `print` ignores a full disk, and `FileHandle`'s `write(_:)` traps.
struct StandardStream: Sendable {
  /// For requested output.
  static let output = StandardStream(descriptor: STDOUT_FILENO, name: "standard output")
  /// For everything else.
  static let error = StandardStream(descriptor: STDERR_FILENO, name: "standard error")

  private let descriptor: Int32
  private let name: String

  /// Whether it is a terminal.
  var isTerminal: Bool { isatty(descriptor) != 0 }

  /// The width of the terminal; nil if it is not one, or the width is unknown.
  var columns: Int? {
    var size = winsize()
    guard isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Prepares the streams so that failures are reported. Must be called before any file is opened.
  static func establish() {
    // Writing to a pipe without a reader becomes an ordinary error.
    signal(SIGPIPE, SIG_IGN)
    // If a stream is closed, the next opened file would take its descriptor. A descriptor opened in the wrong mode
    // still fails when used.
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
    where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", mode)
    }
  }

  /// Writes lines, with control characters from file names made visible.
  /// - Throws: `StreamError`.
  func print(_ text: String) throws(StreamError) { try write(text.printable + "\n") }

  /// Writes a text unchanged.
  /// - Throws: `StreamError`.
  func write(_ text: String) throws(StreamError) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        // Another process may have set a shared pipe to non-blocking.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
      } else if errno != EINTR {
        let reason = String(cString: strerror(errno))
        throw StreamError(errno == EPIPE ? .noReader : .failed, "\(name) cannot be written: \(reason)")
      }
    }
  }
}

/// Why a standard stream could not be written.
struct StreamError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  enum Code: Hashable, Sendable {
    /// The reader of the pipe has closed it.
    case noReader
    /// The stream is closed, the disk is full, or the like.
    case failed
  }

  /// The kind of failure.
  var code: Code
  /// Which stream, and the system's message.
  var message: String

  /// An error of this kind.
  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  var description: String { message }
}

/// Why nothing could be trained, or why the run was lost, as reported by the engine.
struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// What was expected where, and what was found.
  var message: String

  /// An error with this message.
  init(_ message: String) { self.message = message }

  var description: String { message }
}
