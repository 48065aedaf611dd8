/// How long the input parser waits for the rest of what has begun. All in seconds.
package struct InputTiming: Hashable, Sendable {
  /// How long a lone ESC waits for the rest of a sequence, before it is taken for the Escape key.
  package var escape: Double
  /// How long after that the rest of a sequence is still recognized. Escape acts when this time is over too.
  package var lateTail = 0.05
  /// How long an unfinished sequence waits for its next byte, before it is dropped.
  package var abandoned = 1.0

  /// The usual times, with this wait for a lone ESC.
  package init(escape: Double = 0.025) { self.escape = escape }

  /// The times that suit a terminal: `ESCDELAY` in milliseconds, else 25 ms, and 100 ms where ssh or mosh carries the keys.
  /// - Parameter environment: the program's environment. A value of `ESCDELAY` that is no number from 0 to 10,000 is ignored.
  package init(environment: [String: String]) {
    if let value = environment["ESCDELAY"].flatMap({ Int($0) }), (0...10_000).contains(value) {
      self.init(escape: Double(value) / 1000)
    } else {
      let isRemote = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].contains { !(environment[$0] ?? "").isEmpty }
      self.init(escape: isRemote ? 0.1 : 0.025)
    }
  }
}
