import Tensors
import Testing

/// More rows than a slice of sums, and a number of columns that is not a multiple of a block.
private let shape = (rows: 4_500, columns: 70)

@Suite("Passes of activations that learn, and of shortcuts")
struct LearnedActivationTests {
  private let input = Tensor(rows: shape.rows, columns: shape.columns, seed: 1, from: -2, to: 2)
  private let row = Tensor(rows: 1, columns: shape.columns, seed: 2)

  @Test("the sign around a threshold is that of the difference", arguments: [1, 3])
  func shiftedSign(threads: Int) {
    let compute = Compute(threads: threads)
    let estimator = SignEstimator(window: 0.5)
    let (found, expected) = (SignBatch(features: shape.columns), SignBatch(features: shape.columns))
    compute.sign(input, threshold: row, estimator, into: found)
    let difference = Tensor(rows: 0, columns: shape.columns)
    compute.subtract(row, from: input, into: difference)
    for place in [0, 69, 70, 314_999] {
      #expect(difference.values[place] == input.values[place] - row.values[place % shape.columns])
    }
    compute.sign(difference, estimator, into: expected)
    #expect(found.signs.signs == expected.signs.signs)
    #expect(found.passes.signs == expected.passes.signs)
    let equal = Tensor(rows: 1, columns: shape.columns, values: row.values)
    compute.sign(equal, threshold: row, estimator, into: found)
    #expect(found.signs.signs.allSatisfy { $0 == 1 })
  }

  @Test("sums over rows are right, and the same with any number of threads")
  func sums() {
    var results: [[Float]] = []
    for threads in [1, 3] {
      let compute = Compute(threads: threads)
      let threshold = Tensor(rows: 1, columns: shape.columns)
      compute.thresholdGradient(input, into: threshold)
      results.append(threshold.values)
    }
    #expect(results[0] == results[1])
    let values = input.values
    for column in [0, 63, 64, 69] {
      let sum = stride(from: column, to: values.count, by: shape.columns).reduce(0.0) { $0 - Double(values[$1]) }
      #expect(abs(Double(results[0][column]) - sum) < 1e-3)
    }
  }

  @Test("the rectifier's gradients are the same with any number of threads, and NaN comes through")
  func rectifier() {
    let numbers = RectifierNumbers(
      threshold: row, slope: Tensor(rows: 1, columns: shape.columns, seed: 3, from: 0, to: 1),
      shift: Tensor(rows: 1, columns: shape.columns, seed: 4))
    var results: [[[Float]]] = []
    for threads in [1, 3] {
      let compute = Compute(threads: threads)
      let output = Tensor(rows: 0, columns: shape.columns)
      compute.rectify(input, numbers, into: output)
      let gradient = Tensor(rows: shape.rows, columns: shape.columns, seed: 5)
      let sums = (0..<3).map { _ in Tensor(rows: 1, columns: shape.columns) }
      compute.rectifierGradient(
        gradient, input: input, numbers, into: .init(threshold: sums[0], slope: sums[1], shift: sums[2]))
      results.append([output.values, gradient.values] + sums.map(\.values))
    }
    #expect(results[0] == results[1])
    let broken = Tensor(rows: 1, columns: shape.columns)
    broken.fill(.nan)
    let output = Tensor(rows: 0, columns: shape.columns)
    Compute(threads: 1).rectify(broken, numbers, into: output)
    #expect(output.values.allSatisfy { $0.isNaN })
  }

  @Test("subsampled images are added pixel by pixel, and their gradient returns to the same pixels", arguments: [1, 3])
  func subsampling(threads: Int) throws {
    let compute = Compute(threads: threads)
    let (from, to) = (ImageShape(height: 5, width: 6, channels: 33), ImageShape(height: 3, width: 3, channels: 40))
    let subsampling = try #require(ImageSubsampling(from: from, to: to))
    #expect(subsampling.stride == 2)
    let count = 60
    let images = Tensor(rows: count * from.pixels, columns: from.channels, seed: 1)
    let sums = Tensor(rows: count * to.pixels, columns: to.channels, seed: 2)
    let (before, source) = (sums.values, images.values)
    compute.add(images, subsampling, to: sums)
    let after = sums.values
    let gradient = Tensor(rows: images.rows, columns: images.columns)
    compute.addGradient(sums, subsampling, to: gradient)
    var expected = [Float](repeating: 0, count: source.count)
    for pixel in 0..<count * to.pixels {
      let (image, y, x) = (pixel / to.pixels, pixel % to.pixels / to.width, pixel % to.width)
      let place = (image * from.pixels + y * 2 * from.width + x * 2) * from.channels
      for channel in 0..<to.channels {
        let index = pixel * to.channels + channel
        let added = channel < from.channels ? source[place + channel] : 0
        #expect(after[index] == before[index] + added)
        if channel < from.channels { expected[place + channel] = after[index] }
      }
    }
    #expect(gradient.values == expected)
  }

  @Test(
    "no subsampling drops channels or skips to a size that no step gives",
    arguments: [(5, 5, 3), (3, 3, 2), (4, 4, 3), (3, 2, 3)])
  func misfits(height: Int, width: Int, channels: Int) {
    let (from, to) = (
      ImageShape(height: 6, width: 6, channels: 3), ImageShape(height: height, width: width, channels: channels)
    )
    #expect(ImageSubsampling(from: from, to: to) == nil)
  }
}
