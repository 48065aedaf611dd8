import Tensors
import Testing

@Suite("Whitening")
struct WhiteningTests {
  // More values than a tile of the covariance, with similar neighbours.
  private let shape = ImageShape(height: 20, width: 30, channels: 1)

  private func images(_ count: Int, seed: UInt64 = 1) -> ByteStorage {
    var generator = Philox(seed: seed)
    var bytes: [UInt8] = []
    var value = 128.0
    for _ in 0..<count * shape.features {
      value = min(255, max(0, value + 60 * Double(generator.uniform() - 0.5)))
      bytes.append(UInt8(value))
    }
    return ByteStorage(bytes)
  }

  private func indices(_ range: Range<Int32>) -> [Int32] { Array(range) }

  @Test("the covariance of whitened images is the identity, apart from epsilon")
  func covariance() throws {
    let pixels = images(1500)
    let whitening = try Whitening(fitting: pixels, of: indices(0..<1500), shape: shape, threads: 2)
    #expect(whitening.distance < 1e-4)
    #expect(whitening.imageCount == 1500)
    let compute = Compute(threads: 1)
    func covariance(_ rows: Tensor) -> Tensor {
      let columns = shape.features
      var mean = [Float](repeating: 0, count: columns)
      for row in 0..<rows.rows { for column in 0..<columns { mean[column] += rows[row, column] / Float(rows.rows) } }
      for row in 0..<rows.rows { for column in 0..<columns { rows[row, column] -= mean[column] } }
      let product = Tensor(rows: columns, columns: columns)
      compute.multiply(.float32(rows), .float32(rows), transposingA: true, into: product)
      return Tensor(rows: columns, columns: columns, values: product.values.map { $0 / Float(rows.rows) })
    }
    // For W computed from the covariance C, the covariance of the whitened images is W·C·W = 1 - ε·W².
    let map = Tensor(rows: shape.features, columns: shape.features, values: whitening.values)
    let square = Tensor(rows: shape.features, columns: shape.features)
    compute.multiply(.float32(map), .float32(map), into: square)
    var expected = square.values.map { -Float(Whitening.epsilon) * $0 }
    for diagonal in 0..<shape.features { expected[diagonal * (shape.features + 1)] += 1 }
    let rows = Tensor(rows: 0, columns: shape.features)
    WhiteningPass(whitening).whiten(pixels, indices(0..<1500)[...], into: rows)
    #expect(greatestDifference(covariance(rows).values, expected) < 1e-3)
  }

  @Test("any number of threads gives the same bits")
  func threads() throws {
    let pixels = images(300)
    let results = try [1, 2, 3].map { threads -> [Float] in
      let whitening = try Whitening(fitting: pixels, of: indices(0..<200), shape: shape, threads: threads)
      return try whitening.values + WhitenedImages(pixels, whitening, threads: threads) { _ in }.tensor.values
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test("images outside the fit do not change it")
  func fittedOnThoseNamed() throws {
    let (one, other) = (images(100), images(100, seed: 9))
    let both = ByteStorage(Array(one) + Array(other))
    let alone = try Whitening(fitting: one, of: indices(0..<100), shape: shape, threads: 2)
    let among = try Whitening(fitting: both, of: indices(0..<100), shape: shape, threads: 2)
    #expect(alone.values == among.values)
  }

  @Test("a cancelled fit ends at its next progress report")
  func stopping() throws {
    struct Stop: Error {}
    var words: [String] = []
    #expect(throws: Stop.self) {
      _ = try Whitening(fitting: images(40), of: indices(0..<40), shape: shape, threads: 2) {
        words.append($0)
        if words.count == 4 { throw Stop() }
      }
    }
    #expect(words.count == 4)
    #expect(words[0] == "whitening: mean of 40 images, 0 %")
    #expect(words[3] == "whitening: inverse square root of 600×600, step 1")
  }

  @Test("images that are too large are refused, with the limit")
  func tooLarge() {
    let shape = ImageShape(height: 64, width: 65, channels: 1)
    #expect {
      _ = try Whitening(
        fitting: ByteStorage(Array(repeating: 1, count: shape.features)), of: [0], shape: shape, threads: 1)
    } throws: {
      "\($0)".contains("at most 4096 values") && "\($0)".hasSuffix("found 64×65×1 = 4160")
    }
  }

  @Test("of very many images an even sample is used")
  func sample() {
    let sample = Whitening.sample(of: indices(0..<120_000))
    #expect(sample.count == 50_000)
    #expect(sample[0] == 0 && sample[49_999] == 119_997)
    #expect(zip(sample, sample.dropFirst()).allSatisfy { (2...3).contains($1 - $0) })
    #expect(Whitening.sample(of: [3, 5]) == [3, 5])
  }

  @Test("a constant image has no contrast: it becomes 0, and is reported")
  func constant() {
    let small = ImageShape(height: 2, width: 3, channels: 1)
    let pixels = ByteStorage([1, 2, 3, 4, 5, 6, 77, 77, 77, 77, 77, 77])
    let rows = Tensor(rows: 0, columns: 6)
    rows.gatherContrasts(pixels, [0, 1], shape: small)
    #expect(rows.values[6...].allSatisfy { $0 == 0 })
    let norm = rows.values[..<6].reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(norm - 55) < 1e-4)
    #expect(ContrastNormalization.firstWithoutContrast(pixels, of: [0, 1], shape: small) == 1)
    #expect(ContrastNormalization.firstWithoutContrast(pixels, of: [0], shape: small) == nil)
  }
}
