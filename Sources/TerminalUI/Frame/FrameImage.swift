/// An image over cells of a frame, for a terminal that draws images.
///
/// The cells below show the same in blocks. So a terminal without images, and a frame as text, lack only detail; and where
/// something else is drawn over the cells, the image is gone.
package struct FrameImage: Hashable, Sendable {
  /// The cells.
  package let area: Rect
  /// The size in pixels.
  package let width, height: Int
  /// Red, green and blue of each pixel, row by row.
  package let pixels: [UInt8]
  // The cells below as they were drawn with it.
  fileprivate let cells: [Cell]

  /// An image over the cells of `area`, as they now are in `frame`.
  package init(area: Rect, width: Int, height: Int, pixels: [UInt8], over frame: Frame) {
    (self.area, self.width, self.height, self.pixels) = (area, width, height, pixels)
    cells = frame.cells(in: area)
  }
}

extension Frame {
  /// The images with nothing drawn over them.
  package var visibleImages: [FrameImage] {
    images.filter { image in
      let area = image.area
      guard area.intersection(bounds) == area, image.cells.count == area.width * area.height else { return false }
      return (0..<area.height).allSatisfy { row in
        let own = (area.y + row) * width + area.x
        return cells[own..<own + area.width] == image.cells[row * area.width..<(row + 1) * area.width]
      }
    }
  }
}
