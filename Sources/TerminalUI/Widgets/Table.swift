/// Aligned columns with headings; where they don't fit, the least important are dropped.
package struct Table: Sendable {
  /// The columns.
  package var columns: [TableColumn]
  /// The rows, each a line of styled text for every column.
  package var rows: [[[StyledText]]]
  /// The selected row.
  package var selection: Int?
  /// The first row that is visible.
  package var offset: Int
  /// Whether the headings take the first row.
  package var showsHeader: Bool

  /// A table.
  package init(
    columns: [TableColumn], rows: [[[StyledText]]], selection: Int? = nil, offset: Int = 0, showsHeader: Bool = true
  ) {
    self.columns = columns
    self.rows = rows
    self.selection = selection
    self.offset = offset
    self.showsHeader = showsHeader
  }

  private static let gap = 2

  /// The widths of the columns in `width` cells; nil for those that are dropped.
  package func widths(in width: Int) -> [Int?] {
    let natural = columns.indices.map { column in
      rows.reduce(displayWidth(columns[column].title)) { most, row in
        max(most, column < row.count ? displayWidth(row[column]) : 0)
      }
    }
    let least = columns.indices.map { min(natural[$0], columns[$0].minimumWidth ?? natural[$0]) }
    var shown = Set(columns.indices)
    func needed(_ widths: [Int]) -> Int { shown.reduce(max(0, shown.count - 1) * Table.gap) { $0 + widths[$1] } }
    while shown.count > 1, needed(least) > width {
      // Of equal priorities the last goes first.
      guard let victim = shown.min(by: { (columns[$0].priority, -$0) < (columns[$1].priority, -$1) }) else { break }
      shown.remove(victim)
    }
    var result: [Int?] = columns.indices.map { shown.contains($0) ? least[$0] : nil }
    var room = width - needed(least)
    // First every column comes to its natural width, then the flexible ones take the rest.
    for column in columns.indices {
      guard let own = result[column] else { continue }
      let extra = max(0, min(room, natural[column] - own))
      result[column] = own + extra
      room -= extra
    }
    let flexible = columns.indices.filter { shown.contains($0) && columns[$0].isFlexible }
    for (place, column) in flexible.enumerated() where room > 0 {
      let extra = room / (flexible.count - place)
      result[column] = (result[column] ?? 0) + extra
      room -= extra
    }
    if room < 0, let only = shown.first { result[only] = max(0, width) }
    return result
  }

  /// The row of the table at a cell of the frame; nil where there is none.
  package func row(atX x: Int, y: Int, in area: Rect) -> Int? {
    let body = body(of: area)
    guard body.contains(x: x, y: y) else { return nil }
    let row =
      ListView.offset(offset, selection: selection, height: body.height, count: rows.count) + y - body.y
    return row < rows.count ? row : nil
  }

  /// The places of the headings in `area`; nil for the columns that are dropped.
  package func spans(in area: Rect) -> [Rect?] {
    let body = body(of: area)
    var x = area.x
    return widths(in: area.width - (rows.count > body.height ? 2 : 0)).map { width in
      guard let width else { return nil }
      defer { x += width + Table.gap }
      return Rect(x: x, y: area.y, width: min(width, max(0, area.maxX - x)), height: 1)
    }
  }

  private func body(of area: Rect) -> Rect { area.inset(top: showsHeader ? 1 : 0) }

  /// Draws the headings, the visible rows, and a scroll bar where rows are hidden.
  package func render(
    into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet, isFocused: Bool = true
  ) {
    guard !area.isEmpty else { return }
    let body = body(of: area)
    let isScrolled = rows.count > body.height
    let width = area.width - (isScrolled ? 2 : 0)
    let widths = widths(in: width)
    if showsHeader {
      let heading = theme.style(.faint)
      renderRow(columns.map { [StyledText($0.title, heading)] }, into: &frame, x: area.x, y: area.y, widths: widths)
    }
    let first = ListView.offset(offset, selection: selection, height: body.height, count: rows.count)
    for (line, index) in (first..<max(first, min(rows.count, first + body.height))).enumerated() {
      renderRow(rows[index], into: &frame, x: body.x, y: body.y + line, widths: widths)
      if index == selection {
        let rect = Rect(x: body.x, y: body.y + line, width: width, height: 1)
        frame.highlight(rect, theme: theme, isFocused: isFocused)
      }
    }
    if isScrolled {
      frame.scrollBar(
        x: area.maxX - 1, y: body.y, height: body.height, offset: first, visible: body.height, count: rows.count,
        theme: theme, glyphs: glyphs)
    }
  }

  private func renderRow(_ row: [[StyledText]], into frame: inout Frame, x: Int, y: Int, widths: [Int?]) {
    var x = x
    for (column, width) in widths.enumerated() {
      guard let width else { continue }
      if column < row.count {
        let own = min(width, displayWidth(row[column]))
        let start = columns[column].alignment == .trailing ? x + width - own : x
        frame.text(row[column], x: start, y: y, maxWidth: width)
      }
      x += width + Table.gap
    }
  }
}

/// A column of a table.
package struct TableColumn: Hashable, Sendable {
  /// Where the text stands in the column.
  package enum Alignment: Hashable, Sendable { case leading, trailing }

  /// The heading.
  package var title: String
  /// Where the text stands.
  package var alignment: Alignment
  /// A column of lower priority is dropped before one of higher priority.
  package var priority: Int
  /// The narrowest that it can be before another is dropped for it; nil takes its widest text.
  package var minimumWidth: Int?
  /// Whether it takes what room is left.
  package var isFlexible: Bool

  /// A column.
  package init(
    _ title: String, alignment: Alignment = .leading, priority: Int = 0, minimumWidth: Int? = nil,
    isFlexible: Bool = false
  ) {
    self.title = title
    self.alignment = alignment
    self.priority = priority
    self.minimumWidth = minimumWidth
    self.isFlexible = isFlexible
  }
}
