import Foundation
import TrainingMetrics

/// Standard output or standard error.
///
/// Nothing is kept back, and a write that fails throws: `print` keeps silent about a full disk, and `FileHandle`'s
/// `write(_:)` traps.
struct StandardStream: Sendable {
  /// What was asked for goes here.
  static let output = StandardStream(descriptor: STDOUT_FILENO, name: "standard output")
  /// What is to be said besides goes here.
  static let error = StandardStream(descriptor: STDERR_FILENO, name: "standard error")

  private let descriptor: Int32
  private let name: String

  /// Whether a person reads it.
  var isTerminal: Bool { isatty(descriptor) != 0 }

  /// How wide the terminal is; nil where it is none, or does not say.
  var columns: Int? {
    var size = winsize()
    guard isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Makes failures ones that can be told. To be called before any file is opened.
  static func establish() {
    // A pipe without a reader is an error of the write like any other.
    signal(SIGPIPE, SIG_IGN)
    // Where a stream was closed, the next file opened would take its place. Opened the wrong way round, it still fails.
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
    where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", mode)
    }
  }

  /// Writes lines; control characters that a name out of a file may have are made visible.
  /// - Throws: `StreamError`.
  func print(_ text: String) throws(StreamError) { try write(text.printable + "\n") }

  /// Writes a text as it is.
  /// - Throws: `StreamError`.
  func write(_ text: String) throws(StreamError) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        // Whoever shares the pipe has set it not to block.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
      } else if errno != EINTR {
        let reason = String(cString: strerror(errno))
        throw StreamError(errno == EPIPE ? .noReader : .failed, "\(name) cannot be written: \(reason)")
      }
    }
  }
}

/// Why a standard stream took no more.
struct StreamError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  enum Code: Hashable, Sendable {
    /// The reader of the pipe is gone.
    case noReader
    /// The stream is closed, the disk is full, or the like.
    case failed
  }

  /// The kind of failure.
  var code: Code
  /// Which stream, and what the system says.
  var message: String

  /// A failure of this kind.
  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  var description: String { message }
}

/// Why nothing could be trained, or all was lost, in the engine's words.
struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// What was expected where, and what was found.
  var message: String

  /// A training that ended with these words.
  init(_ message: String) { self.message = message }

  var description: String { message }
}
