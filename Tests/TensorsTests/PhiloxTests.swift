import Tensors
import Testing

@Suite("Philox4x32-10")
struct PhiloxTests {
  /// A line of Random123's `tests/kat_vectors`: counter, key, result.
  struct KnownAnswer: Sendable {
    let counter: (UInt32, UInt32, UInt32, UInt32)
    let key: (UInt32, UInt32)
    let result: [UInt32]
  }

  @Test(
    "agrees with the published known answers",
    arguments: [
      KnownAnswer(
        counter: (0, 0, 0, 0), key: (0, 0), result: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      KnownAnswer(
        counter: (.max, .max, .max, .max), key: (.max, .max),
        result: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
      KnownAnswer(
        counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0),
        result: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
    ])
  func knownAnswer(_ known: KnownAnswer) {
    let block = Philox.block(key: known.key, counter: known.counter)
    #expect([block.0, block.1, block.2, block.3] == known.result)
  }

  @Test("the first words are the block of counter zero, low word first")
  func wordOrder() {
    var generator = Philox(seed: 0)
    #expect(generator.next() == 0xe169_c58d_6627_e8d5)
    #expect(generator.next() == 0x9b00_dbd8_bc57_ac4c)
  }

  @Test("any position can be reached at once", arguments: [0, 1, 2, 7, 64, 101] as [UInt64])
  func seeking(position: UInt64) {
    var walked = Philox(seed: 0x1234_5678_9abc_def0, stream: 3)
    for _ in 0..<position { _ = walked.next() }
    var jumped = Philox(seed: 0x1234_5678_9abc_def0, stream: 3, position: position)
    #expect(walked == jumped)
    for _ in 0..<5 { #expect(walked.next() == jumped.next()) }
  }

  @Test("seeds and streams give different words")
  func streams() {
    let words = [(0, 0), (0, 1), (1, 0), (1 << 32, 0), (0, 1 << 32)].map { seed, stream in
      var generator = Philox(seed: UInt64(seed), stream: UInt64(stream))
      return generator.next()
    }
    #expect(Set(words).count == words.count)
  }

  @Test("uniform numbers stay in [0, 1) with mean 1/2")
  func uniform() {
    var generator = Philox(seed: 9)
    let draws = (0..<10_000).map { _ in generator.uniform() }
    #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 })
    // Standard deviation of the mean: 0.0029; five of them.
    #expect(abs(draws.reduce(0, +) / 10_000 - 0.5) < 0.0145)
  }

  @Test("integers below a bound are spread evenly")
  func below() {
    var generator = Philox(seed: 4)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<7_000 { counts[Int(generator.below(7))] += 1 }
    // Standard deviation of a count: 29; five of them.
    #expect(counts.allSatisfy { abs($0 - 1_000) < 147 })
    #expect(generator.below(1) == 0)
  }

  @Test("a shuffle keeps every element once")
  func shuffle() {
    var generator = Philox(seed: 5)
    var elements = [Int32](0..<500)
    generator.shuffle(&elements)
    #expect(elements != [Int32](0..<500))
    #expect(elements.sorted() == [Int32](0..<500))
  }
}
