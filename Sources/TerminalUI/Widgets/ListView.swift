/// Rows of which one is selected, scrolled so that it shows.
///
/// `offset` survives from frame to frame when the owner keeps the value; a new value with a selection finds an offset.
package struct ListView: Sendable {
  /// The rows, each a line of styled text.
  package var rows: [[StyledText]]
  /// The selected row.
  package var selection: Int?
  /// The first row that is visible.
  package var offset: Int

  /// A list of rows.
  package init(rows: [[StyledText]] = [], selection: Int? = nil, offset: Int = 0) {
    self.rows = rows
    self.selection = selection
    self.offset = offset
  }

  /// Moves the selection by so many rows, to the ends at most; the first move selects a row.
  package mutating func moveSelection(by count: Int) {
    guard !rows.isEmpty else {
      selection = nil
      return
    }
    guard let selection else {
      self.selection = count < 0 ? rows.count - 1 : 0
      return
    }
    self.selection = max(0, min(rows.count - 1, selection + count))
  }

  /// The offset nearest to the present one that shows the selection in so many rows.
  package func offset(height: Int) -> Int {
    ListView.offset(offset, selection: selection, height: height, count: rows.count)
  }

  /// The offset nearest to `offset` that shows `selection` in `height` of `count` rows and leaves none empty.
  package static func offset(_ offset: Int, selection: Int?, height: Int, count: Int) -> Int {
    var result = max(0, min(offset, count - height))
    if let selection {
      result = min(result, selection)
      result = max(result, selection - height + 1)
    }
    return max(0, result)
  }

  /// The row at a cell of the frame; nil where there is none.
  package func row(atX x: Int, y: Int, in area: Rect) -> Int? {
    guard area.contains(x: x, y: y) else { return nil }
    let row = offset(height: area.height) + y - area.y
    return row < rows.count ? row : nil
  }

  /// Draws the visible rows, the selected one on the selection's background, and a scroll bar where rows are hidden.
  package func render(
    into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet, isFocused: Bool = true
  ) {
    guard !area.isEmpty else { return }
    let first = offset(height: area.height)
    let isScrolled = rows.count > area.height
    let width = area.width - (isScrolled ? 1 : 0)
    for (line, index) in (first..<max(first, min(rows.count, first + area.height))).enumerated() {
      let y = area.y + line
      frame.text(rows[index], x: area.x, y: y, maxWidth: width)
      if index == selection {
        frame.highlight(Rect(x: area.x, y: y, width: width, height: 1), theme: theme, isFocused: isFocused)
      }
    }
    if isScrolled {
      frame.scrollBar(
        x: area.maxX - 1, y: area.y, height: area.height, offset: first, visible: area.height, count: rows.count,
        theme: theme, glyphs: glyphs)
    }
  }
}
