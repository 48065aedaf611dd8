/// A screenful of cells: a value that widgets draw into and a backend shows.
///
/// Whatever is drawn outside the frame is left out, so a widget need not know where the screen ends.
package struct Frame: Hashable, Sendable {
  /// How many columns.
  package let width: Int
  /// How many rows.
  package let height: Int
  /// The cells, row by row.
  package private(set) var cells: [Cell]
  /// Where the terminal's cursor stands; nil hides it.
  package var cursor: Point?
  /// What lies over the rest of the screen, and is to be seen first; nil where nothing does.
  package var focus: Rect?
  /// The images over its cells.
  package var images: [FrameImage] = []

  /// A cell's place.
  package struct Point: Hashable, Sendable {
    /// The column.
    package var x: Int
    /// The row.
    package var y: Int
    /// The cell in column `x` of row `y`.
    package init(x: Int, y: Int) {
      self.x = x
      self.y = y
    }
  }

  /// A frame of `width`×`height` cells that all are `cell`.
  package init(width: Int, height: Int, filledWith cell: Cell = Cell()) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = Array(repeating: cell, count: max(0, width) * max(0, height))
  }

  /// The whole frame as a rectangle.
  package var bounds: Rect { Rect(x: 0, y: 0, width: width, height: height) }

  /// The cell in column `x` of row `y`; outside the frame it reads as blank and drops what is set.
  package subscript(x: Int, y: Int) -> Cell {
    get { x >= 0 && x < width && y >= 0 && y < height ? cells[y * width + x] : Cell() }
    set { if x >= 0 && x < width && y >= 0 && y < height { cells[y * width + x] = newValue } }
  }

  /// Sets every cell of `rect` to `cell`.
  package mutating func fill(_ rect: Rect, with cell: Cell) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return }
    for y in area.y..<area.maxY {
      severWideGlyph(x: area.x, y: y)
      severWideGlyph(x: area.maxX, y: y)
      let row = y * width
      for index in row + area.x..<row + area.maxX { cells[index] = cell }
    }
  }

  /// The cells of `rect`, row by row.
  func cells(in rect: Rect) -> [Cell] {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return [] }
    var result: [Cell] = []
    result.reserveCapacity(area.width * area.height)
    for y in area.y..<area.maxY { result += cells[y * width + area.x..<y * width + area.maxX] }
    return result
  }

  /// Puts down what `cells(in:)` has taken up from a rectangle of this size.
  mutating func paste(_ cells: [Cell], into rect: Rect) {
    let area = rect.intersection(bounds)
    guard cells.count == area.width * area.height else { return }
    for row in 0..<area.height {
      let start = (area.y + row) * width + area.x
      self.cells.replaceSubrange(start..<start + area.width, with: cells[row * area.width..<(row + 1) * area.width])
    }
  }

  /// Gives every cell of `rect` another style and leaves its glyph.
  package mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return }
    for y in area.y..<area.maxY {
      for x in area.x..<area.maxX { change(&cells[y * width + x].style) }
    }
  }

  /// Blanks the wide glyph that spans the columns `x - 1` and `x`, if there is one: its halves are about to part.
  mutating func severWideGlyph(x: Int, y: Int) {
    guard x > 0, x < width, y >= 0, y < height else { return }
    let index = y * width + x
    guard cells[index].glyph == Cell.continuation else { return }
    cells[index].glyph = " "
    cells[index - 1].glyph = " "
  }
}
