/// How fast bytes come: over the last five seconds, so that a pause shows and a hiccup doesn't.
package struct TransferRate: Sendable {
  private static let window = 5.0
  private var samples: [(seconds: Double, bytes: Int)] = []

  /// A rate of which nothing is known yet.
  package init() {}

  /// Takes note of how many bytes there are at a time.
  /// - Parameters:
  ///   - bytes: all that have come.
  ///   - seconds: on any clock that does not go back.
  package mutating func record(bytes: Int, at seconds: Double) {
    // Fewer than before: it has begun again.
    if let last = samples.last, bytes < last.bytes { samples = [] }
    samples.append((seconds, bytes))
    while samples.count > 2, samples[1].seconds <= seconds - Self.window { samples.removeFirst() }
  }

  /// Bytes a second; nil in the first half second.
  package var bytesPerSecond: Double? {
    guard let first = samples.first, let last = samples.last, last.seconds - first.seconds >= 0.5 else { return nil }
    return Double(last.bytes - first.bytes) / (last.seconds - first.seconds)
  }
}
