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
