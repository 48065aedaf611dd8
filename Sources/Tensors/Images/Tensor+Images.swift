private import CBinaryKernels

extension Tensor {
  /// Takes images as rows, their bytes as numbers.
  /// - Parameters:
  ///   - pixels: all images, one after the other, NHWC.
  ///   - indices: places of images; each below `pixels.count / columns`.
  ///   - shape: the size of an image.
  ///   - placement: how an image is laid, by its place; none may interpolate.
  package func gather(
    _ pixels: ByteStorage, _ indices: ArraySlice<Int32>, shape: ImageShape, scale: PixelScale,
    placement: (Int32) -> ImagePlacement = { _ in ImagePlacement() }
  ) {
    precondition(scale.lower.count == shape.channels, "expected numbers of \(shape.channels) channels")
    forEachRow(pixels, indices, shape) { index, bytes, row in
      let placement = placement(index)
      precondition(!placement.interpolates, "bytes lie on bytes")
      signflip_pixels(
        bytes, shape.height, shape.width, shape.channels, scale.lower, scale.scale, placement.kernelArgument, row)
    }
  }

  /// Takes images as rows, each with a contrast of its own: see `ContrastNormalization`.
  package func gatherContrasts(_ pixels: ByteStorage, _ indices: ArraySlice<Int32>, shape: ImageShape) {
    forEachRow(pixels, indices, shape) { _, bytes, row in
      var (lower, factor): (Float, Float) = (0, 0)
      signflip_contrast(
        bytes, shape.features, ContrastNormalization.norm, ContrastNormalization.smallestDivisor, &lower, &factor)
      signflip_pixels(bytes, 1, shape.features, 1, &lower, &factor, ImagePlacement().kernelArgument, row)
    }
  }

  /// Takes rows of `images`, laid on canvases of their own size.
  /// - Parameters:
  ///   - images: shape `[count, height·width·channels]`.
  ///   - indices: the rows.
  ///   - outside: what stands beside an image, a number a channel.
  ///   - placement: how an image is laid, by its place in `indices`.
  package func place(
    _ images: Tensor, _ indices: some Collection<Int32>, shape: ImageShape, outside: [Float],
    placement: (Int) -> ImagePlacement
  ) {
    precondition(images.columns == shape.features && columns == shape.features, "expected images of \(shape)")
    precondition(outside.count == shape.channels, "expected numbers of \(shape.channels) channels")
    precondition(!sharesMemory(with: images), "expected a canvas beside the images")
    resize(rows: indices.count)
    for (row, index) in indices.enumerated() {
      precondition(index >= 0 && index < images.rows, "image \(index) does not exist")
      signflip_place(
        images.base + Int(index) * columns, shape.height, shape.width, shape.channels, outside,
        placement(row).kernelArgument, base + row * columns)
    }
  }

  private func forEachRow(
    _ pixels: ByteStorage, _ indices: ArraySlice<Int32>, _ shape: ImageShape,
    _ body: (Int32, UnsafePointer<UInt8>, UnsafeMutablePointer<Float>) -> Void
  ) {
    precondition(shape.features == columns, "expected images of \(shape)")
    resize(rows: indices.count)
    pixels.withBytes { source in
      guard let start = source.baseAddress else { return }
      for (row, index) in indices.enumerated() {
        let begin = Int(index) * columns
        precondition(begin >= 0 && begin + columns <= source.count, "image \(index) does not exist")
        body(index, start + begin, base + row * columns)
      }
    }
  }
}
