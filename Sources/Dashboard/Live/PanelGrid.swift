/// The arrangement of charts as drawn: rows of charts, with borders that the mouse drags. The sizes of charts follow from it.
package struct PanelGrid: Hashable, Sendable {
  /// A border between charts.
  package enum Border: Hashable, Sendable {
    /// Between a row and the next one.
    case below(row: Int)
    /// Between a chart and the next one of its row.
    case right(row: Int, column: Int)
  }

  /// The height of each row, in cells.
  package private(set) var heights: [Int]
  /// The widths of the charts of each row, in cells.
  package private(set) var widths: [[Int]]

  /// The least height and width of a chart that a drag leaves.
  package static let least = (height: 4, width: 16)

  /// An arrangement of rows.
  package init(heights: [Int], widths: [[Int]]) { (self.heights, self.widths) = (heights, widths) }

  /// Moves a border by some cells, as far as the charts on both sides keep their least size.
  package func moving(_ border: Border, by cells: Int) -> PanelGrid {
    var result = self
    switch border {
    case .below(let row):
      guard heights.indices.contains(row), row + 1 < heights.count else { return self }
      Self.move(&result.heights, row, by: cells, least: Self.least.height)
    case .right(let row, let column):
      guard widths.indices.contains(row), column + 1 < widths[row].count else { return self }
      Self.move(&result.widths[row], column, by: cells, least: Self.least.width)
    }
    return result
  }

  private static func move(_ lengths: inout [Int], _ place: Int, by cells: Int, least: Int) {
    let (first, second) = (lengths[place], lengths[place + 1])
    let cells = min(max(cells, min(0, least - first)), max(0, second - least))
    lengths[place] += cells
    lengths[place + 1] -= cells
  }

  /// The charts with the sizes that give this arrangement: heights by rows, and within a row widths. Charts that are not
  /// shown keep their size in proportion.
  package func sized(_ panels: [ChartPanel]) -> [ChartPanel] {
    let highest = Double(heights.max() ?? 1)
    let exact = zip(heights, widths).flatMap { height, widths -> [Double] in
      let widest = Double(widths.max() ?? 1)
      return widths.map { Double(height) / highest * Double($0) / max(1, widest) }
    }
    let greatest = Double(ChartPanel.greatestWeight)
    var weights = exact.map { min(ChartPanel.greatestWeight, max(1, Int(($0 * greatest).rounded()))) }
    let before = panels.prefix(weights.count).reduce(0) { $0 + ($1.weight ?? 1) }
    let factor = Double(weights.reduce(0, +)) / Double(max(1, before))
    weights += panels.dropFirst(weights.count).map {
      min(ChartPanel.greatestWeight, max(1, Int((Double($0.weight ?? 1) * factor).rounded())))
    }
    let divisor = max(1, weights.reduce(0, Self.commonDivisor))
    return zip(panels, weights).map { ChartPanel($0.quantity, weight: $1 / divisor) }
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }
}

/// A border that is being dragged.
struct PanelDrag: Sendable {
  /// Where it was taken.
  let x, y: Int
  let border: PanelGrid.Border
  /// The arrangement and the charts before.
  let grid: PanelGrid
  let panels: [ChartPanel]

  /// The charts with the border under the mouse.
  func panels(x: Int, y: Int) -> [ChartPanel] {
    let cells = if case .below = border { y - self.y } else { x - self.x }
    return cells == 0 ? panels : grid.moving(border, by: cells).sized(panels)
  }
}
