private import CBinaryKernels

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
