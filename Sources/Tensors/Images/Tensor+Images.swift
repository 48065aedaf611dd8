internal import CBinaryKernels

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

/// How an image is laid on a canvas of its own size: it is turned, then moved, the canvas shows it from a row and a column
/// on, is mirrored, and a hole is cut.
///
/// A canvas's pixel at `q`, seen from the image's middle, shows the image at `R⁻¹(q - move)` by bilinear interpolation,
/// where R turns by `angle`: one interpolation for both, and nothing that comes in sight again was cut off before.
package struct ImagePlacement: Hashable, Sendable {
  /// The canvas shows the image from this row on; outside of the image is black, or 0 in images of contrasts.
  package var row = 0
  /// The canvas shows the image from this column on.
  package var column = 0
  /// Whether it is mirrored, left to right.
  package var flips = false
  /// A square that is set to 0: its side, and the row and column of its middle on the canvas.
  package var hole: Hole?

  /// How far the image is turned around its middle, in degrees, anticlockwise.
  package var angle: Float = 0
  /// How far it is then moved, in pixels.
  package var move = Move()

  /// A move of an image.
  package struct Move: Hashable, Sendable {
    /// Pixels down.
    package var down: Float
    /// Pixels to the right.
    package var right: Float

    /// A move.
    package init(down: Float = 0, right: Float = 0) { (self.down, self.right) = (down, right) }
  }

  /// A square of a canvas.
  package struct Hole: Hashable, Sendable {
    /// Its side in pixels.
    package var side: Int
    /// The row of its middle.
    package var row: Int
    /// The column of its middle.
    package var column: Int

    /// A square.
    package init(side: Int, row: Int, column: Int) { (self.side, self.row, self.column) = (side, row, column) }
  }

  /// The image as it is.
  package init() {}

  /// Whether pixels land between pixels, so that interpolation is needed.
  package var interpolates: Bool { angle != 0 || move != Move() }

  var kernelArgument: signflip_placement {
    signflip_placement(
      row: Int32(row), column: Int32(column), flips: flips ? 1 : 0, hole: Int32(hole?.side ?? 0),
      hole_row: Int32(hole?.row ?? 0), hole_column: Int32(hole?.column ?? 0),
      turns: interpolates ? 1 : 0, angle: angle, down: move.down, right: move.right)
  }
}
