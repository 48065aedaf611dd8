/// How a pixel's bytes become numbers, a pair of numbers a channel: `lower + scale·byte`.
package struct PixelScale: Hashable, Sendable {
  /// What 0 becomes.
  package var lower: [Float]
  /// What a step of 1 becomes.
  package var scale: [Float]

  /// A pair of numbers a channel.
  package init(lower: [Float], scale: [Float]) {
    precondition(lower.count == scale.count, "expected a pair of numbers for each channel")
    self.lower = lower
    self.scale = scale
  }

  /// 0...255 go linearly to `range` in each of `channels` channels.
  package init(range: ClosedRange<Float>, channels: Int) {
    lower = Array(repeating: range.lowerBound, count: channels)
    scale = Array(repeating: (range.upperBound - range.lowerBound) / 255, count: channels)
  }

  /// Each channel gets mean 0 and deviation 1 over some images: `(byte - mean)/deviation`. A channel that has one value only
  /// becomes 0.
  /// - Parameters:
  ///   - pixels: all images, one after the other, NHWC.
  ///   - indices: the images that count.
  package init(standardizing pixels: ByteStorage, of indices: [Int32], shape: ImageShape) {
    // Bytes have 256 values: counted once, their moments are exact.
    var counts = [Int](repeating: 0, count: shape.channels * 256)
    pixels.withBytes { bytes in
      counts.withUnsafeMutableBufferPointer { counts in
        for index in indices {
          let image = Int(index) * shape.features
          precondition(image >= 0 && image + shape.features <= bytes.count, "image \(index) does not exist")
          for pixel in 0..<shape.pixels {
            let begin = image + pixel * shape.channels
            for channel in 0..<shape.channels { counts[channel * 256 + Int(bytes[begin + channel])] += 1 }
          }
        }
      }
    }
    let total = Double(max(1, indices.count * shape.pixels))
    (lower, scale) = ([], [])
    for channel in 0..<shape.channels {
      let histogram = counts[channel * 256..<channel * 256 + 256].enumerated()
      let mean = histogram.reduce(0) { $0 + Double($1.offset * $1.element) } / total
      let variance =
        histogram.reduce(0) { sum, bin in
          sum + Double(bin.element) * (Double(bin.offset) - mean) * (Double(bin.offset) - mean)
        } / total
      let factor = variance > 0 ? 1 / variance.squareRoot() : 1
      lower.append(Float(-mean * factor))
      scale.append(Float(factor))
    }
  }
}
