internal import CBinaryKernels

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

  /// Whether pixels come to lie between pixels.
  package var interpolates: Bool { angle != 0 || move != Move() }

  var kernelArgument: signflip_placement {
    signflip_placement(
      row: Int32(row), column: Int32(column), flips: flips ? 1 : 0, hole: Int32(hole?.side ?? 0),
      hole_row: Int32(hole?.row ?? 0), hole_column: Int32(hole?.column ?? 0),
      turns: interpolates ? 1 : 0, angle: angle, down: move.down, right: move.right)
  }
}
