import Foundation

extension Frame {
  /// Adjacent cells of one row.
  package struct Run: Hashable, Sendable {
    /// The row.
    package var y: Int
    /// The columns.
    package var columns: Range<Int>

    /// A stretch of a row.
    package init(y: Int, columns: Range<Int>) {
      self.y = y
      self.columns = columns
    }
  }

  /// The runs of cells in which this frame differs from `previous`; all rows if the sizes differ.
  ///
  /// Runs separated by only a few equal cells are merged: a cursor movement would cost the terminal more.
  /// Wide glyphs are never split.
  package func changes(since previous: Frame?) -> [Run] {
    guard let previous, previous.width == width, previous.height == height else {
      return (0..<height).filter { _ in width > 0 }.map { Run(y: $0, columns: 0..<width) }
    }
    var runs: [Run] = []
    for y in 0..<height where width > 0 && !hasBytes(ofRow: y, as: previous) {
      let row = y * width
      var start = -1
      var end = 0
      for x in 0..<width where cells[row + x] != previous.cells[row + x] {
        if start >= 0, x - end > 4 {
          runs.append(widened(Run(y: y, columns: start..<end), previous))
          start = -1
        }
        if start < 0 { start = x }
        end = x + 1
      }
      if start >= 0 { runs.append(widened(Run(y: y, columns: start..<end), previous)) }
    }
    return runs
  }

  // Most rows are unchanged, and comparing bytes is faster than comparing cells. Padding bytes are meaningless: if the
  // bytes
  // differ, the cells are compared.
  private func hasBytes(ofRow y: Int, as previous: Frame) -> Bool {
    let row = y * width..<(y + 1) * width
    return cells[row].withUnsafeBytes { own in
      previous.cells[row].withUnsafeBytes { memcmp(own.baseAddress!, $0.baseAddress!, own.count) == 0 }
    }
  }

  /// The run, extended by the other halves of wide glyphs at its ends in either frame.
  private func widened(_ run: Run, _ previous: Frame) -> Run {
    let row = run.y * width
    func isTail(_ x: Int) -> Bool {
      x < width && (cells[row + x].glyph == Cell.continuation || previous.cells[row + x].glyph == Cell.continuation)
    }
    var lower = run.columns.lowerBound
    var upper = run.columns.upperBound
    while lower > 0, isTail(lower) { lower -= 1 }
    while isTail(upper) { upper += 1 }
    return Run(y: run.y, columns: lower..<upper)
  }
}
