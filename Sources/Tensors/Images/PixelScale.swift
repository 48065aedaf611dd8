private import CBinaryKernels

/// The conversion of a pixel's bytes to floats, with a pair of numbers per channel: `lower + scale·byte`.
package struct PixelScale: Hashable, Sendable {
  /// The value of byte 0.
  package var lower: [Float]
  /// The difference between consecutive byte values.
  package var scale: [Float]

  /// A conversion with one pair of numbers per channel.
  package init(lower: [Float], scale: [Float]) {
    precondition(lower.count == scale.count, "expected a pair of numbers for each channel")
    self.lower = lower
    self.scale = scale
  }

  /// Maps 0...255 linearly to `range` in each of `channels` channels.
  package init(range: ClosedRange<Float>, channels: Int) {
    lower = Array(repeating: range.lowerBound, count: channels)
    scale = Array(repeating: (range.upperBound - range.lowerBound) / 255, count: channels)
  }

  /// Standardizes each channel to mean 0 and standard deviation 1 over some images: `(byte - mean)/deviation`. A
  /// constant channel becomes 0.
  /// - Parameters:
  ///   - pixels: all images in order, NHWC.
  ///   - indices: the images to measure.
  package init(standardizing pixels: ByteStorage, of indices: [Int32], shape: ImageShape) {
    // Bytes have 256 values, so moments computed from their counts are exact.
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

/// Global contrast normalization: normalizes each image separately to mean 0 and norm 55.
///
/// Computes `x = (byte - mean)/max(ε, √(Σ (byte - mean)²)/55)` over all values of an image, where a divisor below ε =
/// 1e-8 is replaced by 1. This is Pylearn2's `global_contrast_normalize(X, scale=55)` with the norm instead of the
/// standard deviation, which BinaryConnect used for CIFAR-10.
/// - SeeAlso: Goodfellow et al. 2013, “Pylearn2”, arXiv:1308.4214; Courbariaux et al. 2015, arXiv:1511.00363.
package enum ContrastNormalization {
  /// The norm of each image.
  package static let norm = 55.0
  /// Smaller divisors are replaced by 1.
  package static let smallestDivisor = 1e-8

  /// Returns the first image of `indices` that is constant and so has no contrast; nil if there is none.
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
