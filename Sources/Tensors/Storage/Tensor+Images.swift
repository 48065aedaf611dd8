private import CBinaryKernels

extension Tensor {
  /// Takes images as rows: `self[i] = lower + (upper - lower)·pixels[indices[i]]/255`.
  /// - Parameters:
  ///   - pixels: all images, one after the other.
  ///   - indices: places of images; each below `pixels.count / columns`.
  package func gather(_ pixels: ByteStorage, _ indices: ArraySlice<Int32>, range: ClosedRange<Float>) {
    resize(rows: indices.count)
    let scale = (range.upperBound - range.lowerBound) / 255
    pixels.withBytes { source in
      for (row, index) in indices.enumerated() {
        let begin = Int(index) * columns
        precondition(begin >= 0 && begin + columns <= source.count, "image \(index) does not exist")
        guard let start = source.baseAddress else { continue }
        signflip_pixels(start + begin, range.lowerBound, scale, base + row * columns, columns)
      }
    }
  }
}
