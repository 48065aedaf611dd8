internal import CBinaryKernels

/// How an image is laid on a canvas of its own size.
package struct ImagePlacement: Hashable, Sendable {
  /// The canvas shows the image from this row on; outside of the image is black.
  package var row = 0
  /// The canvas shows the image from this column on.
  package var column = 0
  /// Whether it is mirrored, left to right.
  package var flips = false
  /// A square that is set to 0: its side, and the row and column of its middle on the canvas.
  package var hole: Hole?

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

  var kernelArgument: signflip_placement {
    signflip_placement(
      row: Int32(row), column: Int32(column), flips: flips ? 1 : 0, hole: Int32(hole?.side ?? 0),
      hole_row: Int32(hole?.row ?? 0), hole_column: Int32(hole?.column ?? 0))
  }
}
