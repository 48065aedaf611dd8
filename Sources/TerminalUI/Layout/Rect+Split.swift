extension Rect {
  /// Parts beside each other, from left to right, of the rectangle's height.
  package func columns(_ sizes: [LayoutSize], spacing: Int = 0) -> [Rect] {
    var x = x
    return LayoutSize.lengths(sizes, total: width, spacing: spacing).map { length in
      defer { x += length + spacing }
      return Rect(x: min(x, maxX), y: y, width: length, height: height)
    }
  }

  /// Parts below each other, from top to bottom, of the rectangle's width.
  package func rows(_ sizes: [LayoutSize], spacing: Int = 0) -> [Rect] {
    var y = y
    return LayoutSize.lengths(sizes, total: height, spacing: spacing).map { length in
      defer { y += length + spacing }
      return Rect(x: x, y: min(y, maxY), width: width, height: length)
    }
  }

  /// Cells of a grid with `columns` columns for `count` parts, row by row; parts of the last row share its width.
  package func grid(count: Int, columns: Int, spacing: Int = 0) -> [Rect] {
    guard count > 0, columns > 0 else { return [] }
    let lines = (count + columns - 1) / columns
    let rects = rows(Array(repeating: .weighted(1), count: lines), spacing: spacing)
    return rects.enumerated().flatMap { line, rect in
      let parts = min(columns, count - line * columns)
      return rect.columns(Array(repeating: .weighted(1), count: parts), spacing: spacing)
    }
  }

  /// A rectangle of this size in the middle, or as large as fits.
  package func centered(width: Int, height: Int) -> Rect {
    let (w, h) = (min(width, self.width), min(height, self.height))
    return Rect(x: x + (self.width - w) / 2, y: y + (self.height - h) / 2, width: w, height: h)
  }
}
