import Tensors
import Testing

@Suite("Images as rows")
struct ImageTests {
  @Test("pixels are scaled linearly to the range, in the order of the indices")
  func gather() {
    let tensor = Tensor(rows: 0, columns: 3)
    tensor.gather(
      ByteStorage([0, 255, 51, 102, 153, 204]), [1, 0, 1], shape: ImageShape(height: 1, width: 3, channels: 1),
      scale: PixelScale(range: -1...1, channels: 1))
    let expected: [Float] = [-0.2, 0.2, 0.6, -1, 1, -0.6, -0.2, 0.2, 0.6]
    #expect(tensor.rows == 3)
    #expect(zip(tensor.values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  // The definition: each pixel of the canvas shows the pixel of the mirrored image, black, or the hole.
  private func expected(
    _ bytes: [UInt8], _ shape: ImageShape, _ scale: PixelScale, _ placement: ImagePlacement
  ) -> [Float] {
    var values: [Float] = []
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        let column = placement.flips ? shape.width - 1 - x : x
        let (sourceRow, sourceColumn) = (y + placement.row, column + placement.column)
        let isInside = (0..<shape.height).contains(sourceRow) && (0..<shape.width).contains(sourceColumn)
        for channel in 0..<shape.channels {
          let byte =
            isInside ? bytes[(sourceRow * shape.width + sourceColumn) * shape.channels + channel] : 0
          var value = scale.lower[channel] + scale.scale[channel] * Float(byte)
          if let hole = placement.hole {
            let (top, left) = (hole.row - hole.side / 2, hole.column - hole.side / 2)
            if (top..<top + hole.side).contains(y) && (left..<left + hole.side).contains(x) { value = 0 }
          }
          values.append(value)
        }
      }
    }
    return values
  }

  @Test("images are moved, mirrored and cut as defined", arguments: [1, 3, 5], [3, 20])
  func placement(channels: Int, side: Int) {
    let shape = ImageShape(height: side, width: side + 1, channels: channels)
    var generator = Philox(seed: UInt64(channels * 100 + side))
    let bytes = (0..<2 * shape.features).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    var scale = PixelScale(range: -1...2, channels: channels)
    for channel in 0..<channels { scale.lower[channel] += Float(channel) }
    let tensor = Tensor(rows: 0, columns: shape.features)
    for trial in 0..<60 {
      var placement = ImagePlacement()
      placement.row = Int(generator.below(9)) - 4
      placement.column = Int(generator.below(9)) - 4
      placement.flips = trial.isMultiple(of: 2)
      if trial.isMultiple(of: 3) {
        placement.hole = .init(
          side: 1 + Int(generator.below(6)), row: Int(generator.below(UInt64(side))),
          column: Int(generator.below(UInt64(side + 1))))
      }
      tensor.gather(ByteStorage(bytes), [1], shape: shape, scale: scale) { _ in placement }
      let expected = expected(Array(bytes[shape.features...]), shape, scale, placement)
      #expect(greatestDifference(tensor.values, expected) < 1e-6, "\(placement)")
    }
  }

  @Test("standardized channels have mean 0 and deviation 1; a constant channel becomes 0")
  func standardizing() {
    let shape = ImageShape(height: 2, width: 2, channels: 3)
    var generator = Philox(seed: 4)
    var bytes = (0..<3 * shape.features).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    for place in stride(from: 1, to: bytes.count, by: 3) { bytes[place] = 77 }
    let indices: [Int32] = [0, 2]
    let scale = PixelScale(standardizing: ByteStorage(bytes), of: indices, shape: shape)
    let tensor = Tensor(rows: 0, columns: shape.features)
    tensor.gather(ByteStorage(bytes), indices[...], shape: shape, scale: scale)
    for channel in 0..<3 {
      let all = tensor.values
      let values = stride(from: channel, to: all.count, by: 3).map { (place: Int) in Double(all[place]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(mean) < 1e-5)
      #expect(abs(variance - (channel == 1 ? 0 : 1)) < 1e-5)
    }
  }

  @Test("sums over many rows are the same with any number of threads")
  func slices() {
    let input = Tensor(rows: 9_000, columns: 70, seed: 3)
    let results = [1, 2, 3].map { threads -> [Float] in
      let compute = Compute(threads: threads)
      let statistics = BatchStatistics(columns: 70)
      let (mean, variance) = (Tensor(rows: 1, columns: 70), Tensor(rows: 1, columns: 70))
      let numbers = BatchNormalizationNumbers(epsilon: 1e-4, momentum: 0)
      compute.gatherStatistics(
        input, runningMean: mean, runningVariance: variance, numbers: numbers, into: statistics)
      let (scale, shift) = (Tensor(rows: 1, columns: 70, seed: 5), Tensor(rows: 1, columns: 70, seed: 6))
      let gradient = Tensor(rows: 9_000, columns: 70, seed: 7)
      let (dScale, dShift) = (Tensor(rows: 1, columns: 70), Tensor(rows: 1, columns: 70))
      compute.normalizationGradient(
        gradient, gate: .open, input: input, statistics, scale: scale, shift: shift, scaleGradient: dScale,
        shiftGradient: dShift)
      // Different from the sums of one slice, but equal to the definition.
      let column = (0..<9_000).map { Double(input[$0, 69]) }
      let expected = column.reduce(0, +) / 9_000
      #expect(abs(Double(mean[0, 69]) - expected) < 1e-6)
      let deviation = column.reduce(0) { $0 + ($1 - expected) * ($1 - expected) } / 8_999
      #expect(abs(Double(variance[0, 69]) - deviation) < 1e-5)
      return mean.values + variance.values + gradient.values + dScale.values + dShift.values
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
