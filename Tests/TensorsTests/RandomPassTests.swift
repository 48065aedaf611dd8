import Tensors
import Testing

@Suite("Random passes")
struct RandomPassTests {
  private let random = RandomStream(seed: 0x0123_4567_89ab_cdef, stream: 11, step: 5)

  // Word `index` of the stream, by the scalar generator: word w of block b of a group of 16 blocks is at 16·w + b.
  private func word(_ index: Int) -> UInt32 {
    let (group, place) = (index / 64, index % 64)
    let words = Philox.block(
      key: (UInt32(truncatingIfNeeded: random.seed), UInt32(random.seed >> 32)),
      counter: (UInt32(group * 16 + place % 16), 0, random.stream, random.step))
    return [words.0, words.1, words.2, words.3][place / 16]
  }

  @Test("the vectorized words are the scalar generator's", arguments: [1, 2])
  func words(threads: Int) {
    let tensor = Tensor(rows: sharedCount.rows, columns: sharedCount.columns)
    Compute(threads: threads).fillUniform(tensor, from: 0, to: 1, random: random)
    // 24 bits of each word, exact in float32.
    #expect(tensor.values == (0..<tensor.count).map { Float(word($0) >> 8) * 0x1p-24 })
  }

  @Test("uniform numbers keep to their range")
  func uniform() {
    let tensor = Tensor(rows: 100, columns: 100)
    Compute(threads: 1).fillUniform(tensor, from: -3, to: 5, random: random)
    #expect(tensor.values.allSatisfy { $0 >= -3 && $0 <= 5 })
    // Standard deviation of the mean: 0.023; five of them.
    #expect(abs(tensor.values.reduce(0, +) / 10_000 - 1) < 0.116)
  }

  // The binary weights drawn for `latent`.
  private func signs(
    _ latent: [Float], rows: Int = 1, clipValue: Float, threads: Int = 1, step: UInt32 = 5
  ) -> [Float] {
    let parameter = Parameter(
      name: "w", rows: rows, columns: latent.count / rows, isBinary: true, operandPrecision: .float32)
    parameter.value.copy(from: Tensor(rows: rows, columns: latent.count / rows, values: latent))
    var random = random
    random.step = step
    Compute(threads: threads).prepareOperand(
      of: parameter, .stochasticSigns(clipValue: clipValue, random: random))
    return parameter.operandValues ?? []
  }

  @Test(
    "stochastic signs follow the hard sigmoid", arguments: [-0.9, -0.5, 0, 0.25, 0.8] as [Float], [1, 0.3] as [Float])
  func frequency(share: Float, clipValue: Float) {
    let count = 20_000
    let drawn = signs([Float](repeating: share * clipValue, count: count), clipValue: clipValue)
    #expect(drawn.allSatisfy { abs($0) == 1 })
    let probability = (share + 1) / 2
    let deviation = (probability * (1 - probability) / Float(count)).squareRoot()
    let frequency = Float(drawn.count { $0 == 1 }) / Float(count)
    #expect(abs(frequency - probability) < 5 * deviation)
  }

  @Test("a weight at its clip never flips", arguments: [1, 0.3, 0.1, 0.7, 2.5, 1e-3] as [Float])
  func clipped(clipValue: Float) {
    let latent = (0..<200_001).map { $0.isMultiple(of: 2) ? clipValue : -clipValue }
    #expect(signs(latent, clipValue: clipValue) == latent.map { $0 < 0 ? -1 : 1 })
  }

  @Test("the draws do not depend on threads, but on the step, and differ from row to row")
  func sameDraws() {
    let rows = sharedCount.rows
    let latent = [Float](repeating: 0, count: rows * sharedCount.columns)
    let drawn = signs(latent, rows: rows, clipValue: 1)
    for threads in [2, 3] { #expect(signs(latent, rows: rows, clipValue: 1, threads: threads) == drawn) }
    #expect(signs(latent, rows: rows, clipValue: 1, step: 6) != drawn)
    let lines = (0..<rows).map { Array(drawn[$0 * sharedCount.columns..<($0 + 1) * sharedCount.columns]) }
    #expect(Set(lines).count == rows)
  }

  @Test(
    "dropout keeps its share, scales what it keeps, and its gradient has the same mask",
    arguments: [0.2, 0.5] as [Float])
  func dropout(rate: Float) {
    let input = Tensor(rows: sharedCount.rows, columns: sharedCount.columns, seed: 3, from: 1, to: 2)
    let output = Tensor(rows: 0, columns: input.columns)
    let (one, two) = (Compute(threads: 1), Compute(threads: 2))
    let mask = DropoutMask()
    two.dropout(input, rate: rate, random: random, mask: mask, into: output)
    let kept = output.values.map { $0 != 0 }
    let scale = 1 / (1 - rate)
    #expect(output.values == zip(input.values, kept).map { $1 ? $0 * scale : 0 })
    let share = Float(kept.count { $0 }) / Float(kept.count)
    #expect(abs(share - (1 - rate)) < 5 * (rate * (1 - rate) / Float(kept.count)).squareRoot())

    let ones = Tensor(rows: input.rows, columns: input.columns)
    ones.fill(1)
    two.dropoutGradient(ones, mask: mask)
    #expect(ones.values == kept.map { $0 ? scale : 0 })

    let alone = Tensor(rows: 0, columns: input.columns)
    one.dropout(input, rate: rate, random: random, mask: DropoutMask(), into: alone)
    #expect(alone.values == output.values)
  }

  @Test("dropout of signs keeps the expected share, whatever the number of threads", arguments: [0.2, 0.5] as [Float])
  func signDropout(rate: Float) {
    let input = Tensor(rows: sharedCount.rows, columns: sharedCount.columns, seed: 3)
    func dropped(threads: Int) -> [Float] {
      let compute = Compute(threads: threads)
      let batch = SignBatch(features: input.columns)
      compute.sign(input, SignEstimator(), into: batch)
      compute.dropout(batch, rate: rate, random: random)
      let output = Tensor(rows: 0, columns: input.columns)
      compute.unpack(batch, into: output)
      return output.values
    }
    let output = dropped(threads: 2)
    let scale = 1 / (1 - rate)
    #expect(zip(output, input.values).allSatisfy { $0 == 0 || $0 == ($1 < 0 ? -scale : scale) })
    let share = Float(output.count { $0 != 0 }) / Float(output.count)
    #expect(abs(share - (1 - rate)) < 5 * (rate * (1 - rate) / Float(output.count)).squareRoot())
    #expect(dropped(threads: 1) == output)
  }
}
