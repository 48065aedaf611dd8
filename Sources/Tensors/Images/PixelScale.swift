private import CBinaryKernels

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

/// Global contrast normalization: each image gets mean 0 and norm 55 by itself.
///
/// Computes `x = (byte - mean)/max(ε, √(Σ (byte - mean)²)/55)` over all values of an image, where a divisor below ε = 1e-8
/// is replaced by 1: Pylearn2's `global_contrast_normalize(X, scale=55)`, with the norm, not the deviation, that
/// BinaryConnect's CIFAR-10 was made with.
/// - SeeAlso: Goodfellow et al. 2013, “Pylearn2”, arXiv:1308.4214; Courbariaux et al. 2015, arXiv:1511.00363.
package enum ContrastNormalization {
  /// The norm of each image.
  package static let norm = 55.0
  /// Smaller divisors count as 1.
  package static let smallestDivisor = 1e-8

  /// The first image of `indices` that has one value only, and so no contrast; nil where there is none.
  package static func firstWithoutContrast(
    _ pixels: ByteStorage, of indices: some Sequence<Int32>, shape: ImageShape
  ) -> Int32? {
    pixels.withBytes { bytes in
      indices.first { index in
        let begin = Int(index) * shape.features
        precondition(begin >= 0 && begin + shape.features <= bytes.count, "image \(index) does not exist")
        guard let start = bytes.baseAddress else { return false }
        return signflip_is_constant(start + begin, shape.features) != 0
      }
    }
  }
}
