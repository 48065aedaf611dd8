internal import CBinaryKernels

extension Tensor {
  /// Gathers images as rows, converted to floats.
  /// - Parameters:
  ///   - pixels: all images in order, NHWC.
  ///   - indices: indices of images, each below `pixels.count / columns`.
  ///   - shape: the shape of an image.
  ///   - placement: the placement of an image, by its position in `indices`; none may interpolate.
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

  /// Gathers images as rows with normalized contrast: see `ContrastNormalization`.
  package func gatherContrasts(_ pixels: ByteStorage, _ indices: ArraySlice<Int32>, shape: ImageShape) {
    forEachRow(pixels, indices, shape) { _, bytes, row in
      var (lower, factor): (Float, Float) = (0, 0)
      signflip_contrast(
        bytes, shape.features, ContrastNormalization.norm, ContrastNormalization.smallestDivisor, &lower, &factor)
      signflip_pixels(bytes, 1, shape.features, 1, &lower, &factor, ImagePlacement().kernelArgument, row)
    }
  }

  /// Gathers rows of `images`, each placed on a canvas of the same size.
  /// - Parameters:
  ///   - images: shape `[count, height·width·channels]`.
  ///   - indices: the rows.
  ///   - outside: the background, one value per channel.
  ///   - placement: the placement of an image, by its position in `indices`.
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

/// How an image is placed on a canvas of the same size: rotated, translated, cropped, mirrored, and covered by a hole,
/// in this order.
///
/// The canvas pixel at `q`, relative to the image's center, shows the image at `R⁻¹(q - move)` by bilinear
/// interpolation, where R rotates by `angle`. Rotation and translation use a single interpolation, so nothing that
/// becomes visible again is cut off in between.
package struct ImagePlacement: Hashable, Sendable {
  /// The first row of the image that the canvas shows; outside the image it is black, or 0 for normalized contrast.
  package var row = 0
  /// The first column of the image that the canvas shows.
  package var column = 0
  /// Whether it is mirrored horizontally.
  package var flips = false
  /// A square that is set to 0; nil for none.
  package var hole: Hole?

  /// The rotation around the center in degrees, counterclockwise.
  package var angle: Float = 0
  /// The translation in pixels, after the rotation.
  package var move = Move()

  /// A translation of an image.
  package struct Move: Hashable, Sendable {
    /// Pixels down.
    package var down: Float
    /// Pixels to the right.
    package var right: Float

    /// A translation.
    package init(down: Float = 0, right: Float = 0) { (self.down, self.right) = (down, right) }
  }

  /// A square on a canvas.
  package struct Hole: Hashable, Sendable {
    /// The side in pixels.
    package var side: Int
    /// The row of its center.
    package var row: Int
    /// The column of its center.
    package var column: Int

    /// A square.
    package init(side: Int, row: Int, column: Int) { (self.side, self.row, self.column) = (side, row, column) }
  }

  /// The image unchanged.
  package init() {}

  /// Whether pixels fall between pixels, so that interpolation is needed.
  package var interpolates: Bool { angle != 0 || move != Move() }

  var kernelArgument: signflip_placement {
    signflip_placement(
      row: Int32(row), column: Int32(column), flips: flips ? 1 : 0, hole: Int32(hole?.side ?? 0),
      hole_row: Int32(hole?.row ?? 0), hole_column: Int32(hole?.column ?? 0),
      turns: interpolates ? 1 : 0, angle: angle, down: move.down, right: move.right)
  }
}
