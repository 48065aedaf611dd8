/// A counter-based random number generator: Philox4x32-10.
///
/// Number `n` of stream `s` with seed `k` is a pure function of `(k, s, n)`: ten rounds of multiplications and XORs
/// turn the 128-bit counter `(n / 2, s)` into two 64-bit words. So any position is accessible directly, streams never
/// overlap, and the whole state is three numbers. It is not cryptographically secure.
///
/// The distributions below (`uniform`, `below`, `shuffle`) are implemented here, because the algorithms of the standard
/// library may change between releases, and a seed must always give the same weights.
/// - SeeAlso: Salmon et al. 2011, “Parallel random numbers: as easy as 1, 2, 3”.
package struct Philox: RandomNumberGenerator, Hashable, Codable, Sendable {
  /// The seed: the key of every block.
  package let seed: UInt64
  /// The stream: the upper half of the counter.
  package let stream: UInt64
  /// The number of words drawn from the stream so far.
  package private(set) var position: UInt64

  /// The second word of the block at `position / 2` while `position` is odd, else 0.
  private var second: UInt64 = 0

  /// A generator that continues at word `position` of the stream.
  package init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.position = position
    if !position.isMultiple(of: 2) { second = words(ofBlock: position / 2).1 }
  }

  /// Returns the next word, uniform over all 64-bit values.
  package mutating func next() -> UInt64 {
    defer { position &+= 1 }
    guard position.isMultiple(of: 2) else {
      defer { second = 0 }
      return second
    }
    let words = words(ofBlock: position / 2)
    second = words.1
    return words.0
  }

  /// Returns the next number, uniform in `[0, 1)`: a multiple of 2⁻²⁴, exact in `Float`.
  package mutating func uniform() -> Float {
    Float(next() &>> 40) * 0x1p-24
  }

  /// Returns the next integer, uniform in `0..<bound`, without bias.
  /// - Parameter bound: at least 1.
  /// - SeeAlso: Lemire 2019, “Fast random integer generation in an interval”, arXiv:1805.10941.
  package mutating func below(_ bound: UInt64) -> UInt64 {
    precondition(bound > 0, "an empty range has no elements to draw")
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let rejected = (0 &- bound) % bound
      while product.low < rejected { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// Shuffles the elements uniformly (Fisher and Yates, from the end).
  package mutating func shuffle(_ elements: inout [Int32]) {
    var last = elements.count - 1
    while last > 0 {
      elements.swapAt(last, Int(below(UInt64(last + 1))))
      last -= 1
    }
  }

  /// Returns both words of a block of this stream.
  private func words(ofBlock index: UInt64) -> (UInt64, UInt64) {
    let block = Philox.block(
      key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)),
      counter: (
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
        UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)
      ))
    return (
      UInt64(block.0) | UInt64(block.1) << 32,
      UInt64(block.2) | UInt64(block.3) << 32
    )
  }

  /// The Philox4x32 function with ten rounds.
  /// - Parameters:
  /// - key: two words, increased by a Weyl constant after each round.
  ///   - counter: the four words to scramble.
  /// - Returns: four words; distinct counters give distinct results.
  package static func block(
    key: (UInt32, UInt32), counter: (UInt32, UInt32, UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var key = key
    var counter = counter
    for _ in 0..<10 {
      let first = UInt64(counter.0) &* 0xD251_1F53
      let second = UInt64(counter.2) &* 0xCD9E_8D57
      counter = (
        UInt32(truncatingIfNeeded: second &>> 32) ^ counter.1 ^ key.0,
        UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first &>> 32) ^ counter.3 ^ key.1,
        UInt32(truncatingIfNeeded: first)
      )
      key = (key.0 &+ 0x9E37_79B9, key.1 &+ 0xBB67_AE85)
    }
    return counter
  }
}

/// Identifies a stream of random numbers: `(seed, stream, step)` determines every number, independently of the order of
/// use.
///
/// The generator is Philox4x32-10; see `signflip_random_stream`.
package struct RandomStream: Hashable, Sendable {
  /// The experiment's seed.
  package var seed: UInt64
  /// The purpose: a different number for each lane, layer and use.
  package var stream: UInt32
  /// The lane's step.
  package var step: UInt32

  /// The random numbers of a stream at a step.
  package init(seed: UInt64, stream: UInt32, step: UInt32) {
    self.seed = seed
    self.stream = stream
    self.step = step
  }
}
