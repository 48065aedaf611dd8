/// A rectangle of cells. The origin is the top left; x counts columns, y rows.
package struct Rect: Hashable, Sendable {
  /// The leftmost column.
  package var x: Int
  /// The topmost row.
  package var y: Int
  /// The number of columns, never negative.
  package var width: Int
  /// The number of rows, never negative.
  package var height: Int

  /// A rectangle; negative sizes become 0.
  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  /// The first column to the right.
  package var maxX: Int { x + width }
  /// The first row below.
  package var maxY: Int { y + height }
  /// Whether it contains no cells.
  package var isEmpty: Bool { width == 0 || height == 0 }

  /// Whether the cell is in the rectangle.
  package func contains(x px: Int, y py: Int) -> Bool { px >= x && px < maxX && py >= y && py < maxY }

  /// The rectangle without `left`, `top`, `right` and `bottom` cells at its sides.
  package func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
    Rect(x: x + left, y: y + top, width: width - left - right, height: height - top - bottom)
  }

  /// The common cells of both rectangles.
  package func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(x: left, y: top, width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
  }
}

extension Rect {
  /// Adjacent parts, from left to right, with the rectangle's height.
  package func columns(_ sizes: [LayoutSize], spacing: Int = 0) -> [Rect] {
    var x = x
    return LayoutSize.lengths(sizes, total: width, spacing: spacing).map { length in
      defer { x += length + spacing }
      return Rect(x: min(x, maxX), y: y, width: length, height: height)
    }
  }

  /// Adjacent parts, from top to bottom, with the rectangle's width.
  package func rows(_ sizes: [LayoutSize], spacing: Int = 0) -> [Rect] {
    var y = y
    return LayoutSize.lengths(sizes, total: height, spacing: spacing).map { length in
      defer { y += length + spacing }
      return Rect(x: x, y: min(y, maxY), width: width, height: length)
    }
  }

  /// The cells of a grid with `columns` columns for `count` parts, row by row; parts of the last row share its width.
  package func grid(count: Int, columns: Int, spacing: Int = 0) -> [Rect] {
    guard count > 0, columns > 0 else { return [] }
    let lines = (count + columns - 1) / columns
    let rects = rows(Array(repeating: .weighted(1), count: lines), spacing: spacing)
    return rects.enumerated().flatMap { line, rect in
      let parts = min(columns, count - line * columns)
      return rect.columns(Array(repeating: .weighted(1), count: parts), spacing: spacing)
    }
  }

  /// A centred rectangle of this size, reduced if it does not fit.
  package func centered(width: Int, height: Int) -> Rect {
    let (w, h) = (min(width, self.width), min(height, self.height))
    return Rect(x: x + (self.width - w) / 2, y: y + (self.height - h) / 2, width: w, height: h)
  }
}

/// The share of one part in a divided length.
package enum LayoutSize: Hashable, Sendable {
  /// A fixed number of cells.
  case fixed(Int)
  /// A share of the cells left by the fixed parts, in proportion to the weight.
  case weighted(Double)
  /// A share of weight 1, but at least this number of cells.
  case minimum(Int)

  /// The lengths of the parts of `total` cells, with `spacing` cells between parts that are not empty.
  ///
  /// If there is too little space, the fixed and minimum lengths are allocated in order, and the last parts are empty.
  package static func lengths(_ sizes: [LayoutSize], total: Int, spacing: Int = 0) -> [Int] {
    var rest = total - spacing * max(0, sizes.count - 1)
    var result = sizes.map { size -> Int in
      let wanted =
        switch size {
        case .fixed(let count), .minimum(let count): count
        case .weighted: 0
        }
      let given = max(0, min(wanted, rest))
      rest -= given
      return given
    }
    guard rest > 0 else { return result }
    // A minimum that exceeds its share keeps its length, and reduces the others' shares: such parts are fixed one by
    // one.
    var sharing = sizes.indices.filter { sizes[$0].weight > 0 }
    var pool = rest + sharing.reduce(0) { $0 + result[$1] }
    while true {
      let weights = sharing.reduce(0) { $0 + sizes[$1].weight }
      guard weights > 0 else { return result }
      let full = sharing.filter { Double(result[$0]) > Double(pool) * sizes[$0].weight / weights }
      if full.isEmpty {
        var sum = 0.0
        var given = 0
        for index in sharing {
          sum += Double(pool) * sizes[index].weight / weights
          result[index] = Int((sum + 1e-9).rounded()) - given
          given += result[index]
        }
        return result
      }
      sharing.removeAll { full.contains($0) }
      pool -= full.reduce(0) { $0 + result[$1] }
    }
  }

  private var weight: Double {
    switch self {
    case .fixed: 0
    case .weighted(let weight): max(0, weight)
    case .minimum: 1
    }
  }
}
