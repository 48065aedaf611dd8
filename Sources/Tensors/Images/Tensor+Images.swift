private import CBinaryKernels

extension Tensor {
  /// Takes images as rows, their bytes as numbers.
  /// - Parameters:
  ///   - pixels: all images, one after the other, NHWC.
  ///   - indices: places of images; each below `pixels.count / columns`.
  ///   - shape: the size of an image.
  ///   - placement: how an image is laid, by its place.
  package func gather(
    _ pixels: ByteStorage, _ indices: ArraySlice<Int32>, shape: ImageShape, scale: PixelScale,
    placement: (Int32) -> ImagePlacement = { _ in ImagePlacement() }
  ) {
    precondition(shape.features == columns && scale.lower.count == shape.channels, "expected images of \(shape)")
    resize(rows: indices.count)
    pixels.withBytes { source in
      for (row, index) in indices.enumerated() {
        let begin = Int(index) * columns
        precondition(begin >= 0 && begin + columns <= source.count, "image \(index) does not exist")
        guard let start = source.baseAddress else { continue }
        signflip_pixels(
          start + begin, shape.height, shape.width, shape.channels, scale.lower, scale.scale,
          placement(index).kernelArgument, base + row * columns)
      }
    }
  }
}
