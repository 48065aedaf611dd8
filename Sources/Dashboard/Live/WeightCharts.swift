import TerminalUI
import TrainingMetrics

/// Bars of a histogram whose axis marks what the values mean: zero, the reach of one update, the clip.
struct MarkedHistogram {
  let histogram: Histogram
  let color: Color
  /// Half the width of the marked zone around 0; nil for none.
  var zone: Double?
  /// Whether the ends are the bounds of a clip.
  var isClipped = false
  /// A marked value with its name, such as Bop's flip at 1; nil for none.
  var mark: (value: Double, name: String)?

  /// Draws the bars, the axis with its marks and their labels: as much of it as fits.
  func draw(in area: Rect, on painter: inout Painter) {
    let heights = ColumnHeights(histogram, width: area.width)
    guard !heights.values.isEmpty, area.height > 0 else { return }
    let axisRows = area.height >= 4 ? 2 : area.height >= 3 ? 1 : 0
    let bars = Rect(
      x: area.x + (area.width - heights.values.count) / 2, y: area.y, width: heights.values.count,
      height: area.height - axisRows)
    heights.draw(in: bars, style: painter.theme.style(color: color), on: &painter)
    guard axisRows > 0 else { return }
    let (low, high) = (Double(histogram.lowerBound), Double(histogram.upperBound))
    func column(_ value: Double) -> Int {
      min(max(0, Int((value - low) / max(high - low, .leastNormalMagnitude) * Double(bars.width))), bars.width - 1)
    }
    let y = bars.maxY
    for x in 0..<bars.width {
      painter.frame[bars.x + x, y] = Cell(painter.glyphs.baseline, style: painter.style(.border))
    }
    if let zone, zone.isFinite {
      for x in column(max(low, -zone))...column(min(high, zone)) {
        painter.frame[bars.x + x, y] = Cell(painter.glyphs.progressDone, style: painter.style(.accent))
      }
    } else if low < 0, high > 0 {
      painter.frame[bars.x + column(0), y] = Cell(painter.glyphs.baselineTick, style: painter.style(.faint))
    }
    if let mark {
      painter.frame[bars.x + column(mark.value), y] = Cell(painter.glyphs.vertical, style: painter.style(.warning))
    }
    if isClipped {
      for x in [0, bars.width - 1] {
        painter.frame[bars.x + x, y] = Cell(painter.glyphs.vertical, style: painter.style(.warning))
      }
    }
    guard axisRows > 1 else { return }
    let clip = isClipped && bars.width >= 30
    let ends = (
      NumberFormat.compact(low) + (clip ? " clip" : ""), (clip ? "clip " : "") + NumberFormat.compact(high)
    )
    let role = isClipped ? ThemeRole.warning : .faint
    var used = bars.x + painter.text(ends.0, x: bars.x, y: y + 1, role, maxWidth: bars.width)
    let end = bars.maxX - displayWidth(ends.1)
    guard end > used else { return }
    painter.text(ends.1, x: end, y: y + 1, role)
    if low < 0, high > 0, bars.x + column(0) > used, bars.x + column(0) < end - 1 {
      used = bars.x + column(0) + 1
      painter.text("0", x: used - 1, y: y + 1, .faint)
    }
    if let mark {
      let x = bars.x + column(mark.value) - displayWidth(mark.name) / 2
      if x > used, x + displayWidth(mark.name) < end { painter.text(mark.name, x: x, y: y + 1, .warning) }
    }
  }
}

/// The heights of the columns of a histogram over a whole width, 0...1. The two ends may be cut, so that the many weights at a clip do not flatten the others.
struct ColumnHeights {
  /// The heights.
  let values: [Double]
  /// Whether an end is higher than drawn.
  let isCut: (first: Bool, last: Bool)

  init(_ histogram: Histogram, width: Int) {
    let bins = histogram.counts.count
    guard width > 0, bins > 0 else {
      (values, isCut) = ([], (false, false))
      return
    }
    // A bin that lies in two columns is divided between them.
    let share = Double(bins) / Double(width)
    let counts = (0..<width).map { column -> Double in
      let (begin, end) = (Double(column) * share, Double(column + 1) * share)
      return (Int(begin)..<min(bins, Int(end.rounded(.up)))).reduce(0) { sum, bin in
        sum + Double(histogram.counts[bin]) * (min(end, Double(bin + 1)) - max(begin, Double(bin)))
      }
    }
    let edge = max(1, Int((1 / share).rounded(.up)))
    let inner = counts.dropFirst(edge).dropLast(edge).max() ?? 0
    let greatest = inner > 0 ? inner * 1.25 : counts.max() ?? 0
    values = counts.map { greatest > 0 ? min(1, $0 / greatest) : 0 }
    isCut = (counts.first ?? 0 > greatest, counts.last ?? 0 > greatest)
  }

  /// Draws a column for each height.
  func draw(in area: Rect, style: Style, on painter: inout Painter) {
    let glyphs = painter.glyphs.verticalLevels
    let levels = glyphs.count - 1
    for (column, value) in values.prefix(area.width).enumerated() where value > 0 {
      var rest = max(1, Int((value * Double(area.height * levels)).rounded()))
      var y = area.maxY - 1
      while rest > 0, y >= area.y {
        painter.frame[area.x + column, y] = Cell(glyphs[min(rest, levels)], style: style)
        rest -= levels
        y -= 1
      }
    }
    guard area.height > 1 else { return }
    for (column, isCut) in [(0, isCut.first), (values.count - 1, isCut.last)] where isCut {
      painter.frame[area.x + column, area.y] = Cell(painter.glyphs.offScaleAbove, style: style)
    }
  }
}

/// Histograms at the ends of epochs, a row each, the oldest at the top.
struct Ridges {
  let rows: [(label: String, histogram: Histogram)]
  /// The selected row; nil for the newest.
  let selection: Int?
  let color: Color

  /// Draws as many rows as fit around the selection.
  /// - Returns: the places of the drawn rows.
  func draw(in area: Rect, on painter: inout Painter) -> [(row: Int, area: Rect)] {
    guard area.width >= 12, area.height > 0, !rows.isEmpty else { return [] }
    let labelWidth = rows.map { displayWidth($0.label) }.max() ?? 0
    let height = max(1, min(3, area.height / rows.count))
    let count = min(rows.count, area.height / height)
    let middle = selection ?? rows.count - 1
    let first = min(max(0, middle - count / 2), rows.count - count)
    return (first..<first + count).map { row in
      let place = area.rows((row - first) * height, height)
      let isSelected = row == selection
      let heights = ColumnHeights(rows[row].histogram, width: place.width - labelWidth - 3)
      if isSelected {
        painter.frame[place.x, place.maxY - 1] = Cell(painter.glyphs.selected, style: painter.style(.accent))
      }
      painter.frame.text(
        rows[row].label, endingAt: place.x + 2 + labelWidth, y: place.maxY - 1,
        style: painter.style(isSelected ? .accent : .faint))
      heights.draw(
        in: place.inset(left: labelWidth + 3),
        style: isSelected ? painter.style(.accent) : painter.theme.style(color: color),
        on: &painter)
      return (row, place)
    }
  }
}
