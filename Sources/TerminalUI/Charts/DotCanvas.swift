/// A raster of dots packed into cells, in layers.
///
/// A cell belongs to one layer: when a later layer sets a dot in it, the earlier dots are cleared, so that colours
/// never mix. A line over the band of its own series keeps the tone of the band as the background of the cell if the
/// band had filled the cell; otherwise the band would look striped.
struct DotCanvas {
  /// The numbers of columns and rows of dots.
  let width: Int, height: Int
  private let packing: DotPacking
  private let cellsAcross: Int
  private let fullCount: Int
  private var masks: [UInt8]
  private var owners: [UInt8]
  private var styles: [Style] = [Style()]
  // For each layer: the band whose tone it keeps as a background, and that tone.
  private var bands: [UInt8] = [0]
  private var tones: [Color] = [.terminalDefault]
  private var toned: [Bool]

  /// An empty canvas of `columns`×`rows` cells.
  init(columns: Int, rows: Int, packing: DotPacking) {
    self.packing = packing
    cellsAcross = columns
    fullCount = packing.columns * packing.rows
    width = columns * packing.columns
    height = rows * packing.rows
    masks = Array(repeating: 0, count: columns * rows)
    owners = Array(repeating: 0, count: columns * rows)
    toned = Array(repeating: false, count: columns * rows)
  }

  /// Adds a layer on top.
  mutating func addLayer(_ style: Style, over band: UInt8 = 0, tone: Color = .terminalDefault) -> UInt8 {
    styles.append(style)
    bands.append(band)
    tones.append(tone)
    return UInt8(min(255, styles.count - 1))
  }

  /// Whether the cell has dots of `layer` or a later one.
  func isOccupied(column: Int, row: Int, from layer: UInt8 = 1) -> Bool { owners[row * cellsAcross + column] >= layer }

  /// Sets a dot; ignored outside of the canvas.
  mutating func set(_ x: Int, _ y: Int, layer: UInt8) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    let (column, row) = (x / packing.columns, y / packing.rows)
    let shift = (y - row * packing.rows) * packing.columns + x - column * packing.columns
    add(UInt8(truncatingIfNeeded: 1 << shift), cell: row * cellsAcross + column, layer: layer)
  }

  /// Sets the dots of a column from `top` to `bottom`, clipped; `checkered` omits every other dot.
  mutating func verticalLine(x: Int, from top: Int, to bottom: Int, layer: UInt8, checkered: Bool = false) {
    var y = max(0, top)
    let last = min(height - 1, bottom)
    guard x >= 0, x < width, y <= last else { return }
    let column = x / packing.columns
    let shift = x - column * packing.columns
    // One cell at a time.
    while y <= last {
      let row = y / packing.rows
      let end = min(last, (row + 1) * packing.rows - 1)
      var bits: UInt8 = 0
      for dot in y - row * packing.rows...end - row * packing.rows
      where !checkered || (row * packing.rows + dot + x) & 1 == 0 {
        bits |= UInt8(truncatingIfNeeded: 1 << (dot * packing.columns + shift))
      }
      add(bits, cell: row * cellsAcross + column, layer: layer)
      y = end + 1
    }
  }

  private mutating func add(_ bits: UInt8, cell: Int, layer: UInt8) {
    if owners[cell] == layer {
      masks[cell] |= bits
    } else {
      let former = owners[cell]
      toned[cell] = former != 0 && former == bands[Int(layer)] && masks[cell].nonzeroBitCount * 4 >= fullCount * 3
      owners[cell] = layer
      masks[cell] = bits
    }
  }

  /// Draws a line between two positions in dots, clipped to the canvas; `dashed` omits every other pair of dots.
  mutating func line(fromX x0: Double, y y0: Double, toX x1: Double, y y1: Double, layer: UInt8, dashed: Bool = false) {
    guard
      let (a, b) = DotCanvas.clip(
        (x0, y0), (x1, y1), maxX: Double(width) - 0.501, maxY: Double(height) - 0.501)
    else { return }
    var (x, y) = (Int(a.0.rounded()), Int(a.1.rounded()))
    let (endX, endY) = (Int(b.0.rounded()), Int(b.1.rounded()))
    let (dx, dy) = (abs(endX - x), -abs(endY - y))
    let (stepX, stepY) = (x < endX ? 1 : -1, y < endY ? 1 : -1)
    var error = dx + dy
    // Bresenham.
    while true {
      if !dashed || (x + y) & 3 < 2 { set(x, y, layer: layer) }
      if x == endX && y == endY { return }
      let doubled = 2 * error
      if doubled >= dy {
        error += dy
        x += stepX
      }
      if doubled <= dx {
        error += dx
        y += stepY
      }
    }
  }

  /// Sets single dots along a line from left to right, in every third column of dots, or in every second if cells have
  /// only one column.
  mutating func sparseLine(fromX x0: Double, y y0: Double, toX x1: Double, y y1: Double, layer: UInt8) {
    let distance = packing.columns + 1
    let first = max(0, Int(max(-1, x0).rounded(.up)))
    let last = min(width - 1, Int(min(Double(width), x1).rounded(.down)))
    guard first <= last else { return }
    for x in first...last where x % distance == 0 {
      let share = x1 > x0 ? (Double(x) - x0) / (x1 - x0) : 1
      set(x, Int((y0 + (y1 - y0) * share).rounded()), layer: layer)
    }
  }

  /// The part of a line inside `-0.499...maxX` and `-0.499...maxY` (Cohen-Sutherland); nil if there is none.
  static func clip(
    _ start: (Double, Double), _ end: (Double, Double), maxX: Double, maxY: Double
  ) -> ((Double, Double), (Double, Double))? {
    let least = -0.499
    func code(_ p: (Double, Double)) -> Int {
      (p.0 < least ? 1 : p.0 > maxX ? 2 : 0) | (p.1 < least ? 4 : p.1 > maxY ? 8 : 0)
    }
    var (a, b) = (start, end)
    guard a.0.isFinite, a.1.isFinite, b.0.isFinite, b.1.isFinite else { return nil }
    var (codeA, codeB) = (code(a), code(b))
    // Each pass moves one end to one edge; four edges are enough.
    for _ in 0..<8 {
      if codeA | codeB == 0 { return (a, b) }
      if codeA & codeB != 0 { return nil }
      let outside = codeA != 0 ? codeA : codeB
      let point: (Double, Double)
      if outside & 8 != 0 {
        point = (a.0 + (b.0 - a.0) * (maxY - a.1) / (b.1 - a.1), maxY)
      } else if outside & 4 != 0 {
        point = (a.0 + (b.0 - a.0) * (least - a.1) / (b.1 - a.1), least)
      } else if outside & 2 != 0 {
        point = (maxX, a.1 + (b.1 - a.1) * (maxX - a.0) / (b.0 - a.0))
      } else {
        point = (least, a.1 + (b.1 - a.1) * (least - a.0) / (b.0 - a.0))
      }
      if outside == codeA {
        a = point
        codeA = code(a)
      } else {
        b = point
        codeB = code(b)
      }
    }
    return nil
  }

  /// Draws the cells with dots into the frame.
  func draw(into frame: inout Frame, x: Int, y: Int) {
    for index in masks.indices where masks[index] != 0 {
      let row = index / cellsAcross
      var style = styles[Int(owners[index])]
      if toned[index] { style.background = tones[Int(owners[index])] }
      frame[x + index - row * cellsAcross, y + row] = Cell(packing.glyphs[Int(masks[index])], style: style)
    }
  }
}

/// How the dots of a chart are packed into cells: the columns and rows of dots per cell, and a glyph for every
/// pattern.
package struct DotPacking: Sendable {
  /// Columns of dots in a cell.
  package let columns: Int
  /// Rows of dots in a cell.
  package let rows: Int
  /// The glyph of each pattern: bit `row · columns + column` is set if the dot is set.
  package let glyphs: [Unicode.Scalar]

  /// Whether dots fill their area, so that adjacent dots touch.
  package let isSolid: Bool
  /// The weight of the background colour, 0...1, in the tone of a cell full of faint dots; nil if a tone would not look
  /// similar to dots.
  package let tone: Double?

  /// 2×4 dots: braille, U+2800...U+28FF.
  package static let braille = DotPacking(
    columns: 2, rows: 4,
    glyphs: (0..<256).map { pattern in
      // Unicode numbers the dots down the left column, then the right; the bottom row was added later.
      let weights: [UInt32] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
      let bits = weights.indices.reduce(UInt32(0)) { $0 | (pattern >> $1 & 1 == 1 ? weights[$1] : 0) }
      return pattern == 0 ? " " : Unicode.Scalar(0x2800 + bits) ?? " "
    }, isSolid: false, tone: 0.85)

  /// 2×2 dots: quadrants and half blocks.
  package static let quadrants = DotPacking(
    columns: 2, rows: 2, glyphs: Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█".unicodeScalars),
    isSolid: true, tone: 0.62)

  /// 1×3 dots, using ASCII glyphs with ink at different heights.
  package static let ascii = DotPacking(
    columns: 1, rows: 3, glyphs: Array(" '-\".:;|".unicodeScalars), isSolid: true, tone: nil)
}
