package import TerminalUI
package import TrainingMetrics

/// What a screen draws with: the frame, the colours and glyphs, and the notes for the mouse.
package struct Painter {
  /// The cells drawn so far.
  package var frame: Frame
  /// What stands where, for the mouse.
  package var hits = HitMap()
  /// What the frame before has left for this one, and this one leaves for the next.
  var memory: DrawingMemory
  /// Whether points come, so that the next picture is not far.
  package var isMoving = true
  /// Whether only what points change is drawn, over the frame before: the charts and none of the words.
  package var isChartsOnly = false
  /// Whose turn it is where only charts are drawn.
  package var turn = 0

  package let theme: Theme
  package let glyphs: GlyphSet
  // The ground that text stands on.
  var ground = ThemeRole.background

  /// Draws on an empty frame.
  init(width: Int, height: Int, theme: Theme, glyphs: GlyphSet, memory: DrawingMemory) {
    frame = Frame(width: width, height: height, filledWith: Cell(" ", style: theme.style(.text)))
    (self.theme, self.glyphs, self.memory) = (theme, glyphs, memory)
  }

  /// Draws on an empty frame, without a frame before.
  package init(width: Int, height: Int, theme: Theme = .standard, glyphs: GlyphSet = .braille) {
    self.init(width: width, height: height, theme: theme, glyphs: glyphs, memory: DrawingMemory())
  }

  /// Draws over `last` what points change.
  init(chartsOver last: Frame, theme: Theme, glyphs: GlyphSet, memory: DrawingMemory) {
    (frame, isChartsOnly) = (last, true)
    (self.theme, self.glyphs, self.memory) = (theme, glyphs, memory)
  }

  /// The style of a role on the present ground.
  package func style(_ role: ThemeRole, _ attributes: Style.Attributes = []) -> Style {
    theme.style(isReversed ? .text : role, on: ground, attributes)
  }

  // Where a ground is made by exchanging the two colours, coloured text would stand in blocks of its colour.
  private var isReversed: Bool { ground != .background && theme.style(.text, on: ground).attributes.contains(.reverse) }

  /// The style of a lane's colour on the present ground.
  package func style(lane index: Int, _ attributes: Style.Attributes = []) -> Style {
    isReversed ? style(.text, attributes) : theme.style(color: theme.laneColor(index), on: ground, attributes)
  }

  /// A lane's colour for large areas: bars filled with the colour of its lines would outshine them.
  package func calmColor(lane index: Int) -> Color { theme.dimmed(theme.laneColor(index), by: 0.32, on: ground) }

  /// A piece of text in a role.
  package func piece(_ text: String, _ role: ThemeRole = .text, _ attributes: Style.Attributes = []) -> StyledText {
    StyledText(text, style(role, attributes))
  }

  /// Draws text in a role.
  /// - Returns: the columns used.
  @discardableResult
  package mutating func text(
    _ text: String, x: Int, y: Int, _ role: ThemeRole = .text, _ attributes: Style.Attributes = [],
    maxWidth: Int? = nil
  ) -> Int {
    frame.text(text, x: x, y: y, style: style(role, attributes), maxWidth: maxWidth)
  }

  /// Draws pieces from the left of `row` and others to its right end; where both don't fit, the left ones win.
  package mutating func line(_ left: [StyledText], trailing right: [StyledText] = [], in row: Rect) {
    guard !row.isEmpty else { return }
    let used = frame.text(left, x: row.x, y: row.y, maxWidth: row.width)
    let width = displayWidth(right)
    if width > 0, used + 2 + width <= row.width || used == 0 {
      frame.text(right, x: max(row.x, row.maxX - width), y: row.y, maxWidth: row.width)
    }
  }

  /// Draws a chart, anew only where it looks other than the one of this name did.
  @discardableResult
  package mutating func draw(_ chart: LineChart, named name: String, in area: Rect) -> ChartLayout {
    memory.charts.draw(
      chart, named: name, isMoving: isMoving, isStanding: isChartsOnly, into: &frame, area: area, theme: theme,
      glyphs: glyphs)
  }

  /// Clears the place of a chart that is to be drawn elsewhere.
  package mutating func clear(_ area: Rect, ofChartNamed name: String) {
    memory.charts.forget(name)
    fill(area, ground)
  }

  /// Draws pieces in the middle of `row`.
  package mutating func centered(_ pieces: [StyledText], in row: Rect) {
    let width = min(displayWidth(pieces), row.width)
    frame.text(pieces, x: row.x + (row.width - width) / 2, y: row.y, maxWidth: row.width)
  }

  /// Draws the course of a series in bars that stay below the row above.
  /// - Parameter cap: values above it are drawn as if they were it; nil takes the greatest.
  package mutating func sparkline(
    _ series: MetricSeries, in area: Rect, steps: ClosedRange<Double>, lane index: Int, cap: Double? = nil
  ) {
    guard area.width > 0, area.height > 0, series.count > 0 else { return }
    let highest = cap ?? Double(series.summary.maximum)
    guard highest.isFinite, highest > 0 else { return }
    let now = SparklineTip(series, in: area, steps: steps, highest: highest)
    defer { memory.sparklines[area] = now }
    if isChartsOnly {
      if memory.sparklines[area] == now { return }
      fill(area, ground)
    }
    let values = series.columns(area.width, over: steps).map { $0.count > 0 ? min(highest, Double($0.maximum)) : .nan }
    Sparkline(values: values, color: calmColor(lane: index), lowest: 0, highest: highest * 1.3).render(
      into: &frame, area: area, theme: theme, glyphs: glyphs, background: ground)
  }

  /// Fills a rectangle with a role's colour and draws on it from now on.
  package mutating func fill(_ rect: Rect, _ role: ThemeRole) {
    frame.fill(rect, with: Cell(" ", style: theme.style(.text, on: role)))
  }

  /// Draws with `role` as the ground that text stands on.
  package mutating func on(_ role: ThemeRole, _ draw: (inout Painter) -> Void) {
    let former = ground
    ground = role
    draw(&self)
    ground = former
  }
}

extension Rect {
  /// One row of the rectangle, counted from its top; empty outside it.
  package func row(_ index: Int) -> Rect {
    Rect(x: x, y: y + index, width: width, height: index >= 0 && index < height ? 1 : 0)
  }

  /// The rows from `first` on, `count` of them as far as there are.
  package func rows(_ first: Int, _ count: Int) -> Rect {
    Rect(x: x, y: y + first, width: width, height: min(max(0, count), max(0, height - first)))
  }

  /// The rectangle cut into `count` columns of nearly equal width.
  package func columns(_ count: Int, spacing: Int = 0) -> [Rect] {
    grid(count: count, columns: count, spacing: spacing)
  }
}

/// What a frame leaves for the next: so that charts above each other stay in line, and what looks as it did is not drawn
/// again.
struct DrawingMemory {
  /// The widths of the charts' labels, so that charts above each other begin at the same column.
  var gutters: [String: Int] = [:]
  /// The charts as they were drawn.
  var charts = ChartCache()
  /// The values that the lanes' charts show.
  var ranges: SharedRanges?
  /// The newest columns of the sparklines.
  var sparklines: [Rect: SparklineTip] = [:]
}

/// The newest column of a sparkline: while it stays as it is, so does the whole.
struct SparklineTip: Hashable, Sendable {
  private let steps: ClosedRange<Double>
  private let highest: Double
  private let column: Int
  private let level: Int

  init(_ series: MetricSeries, in area: Rect, steps: ClosedRange<Double>, highest: Double) {
    self.steps = steps
    self.highest = highest
    let width = (steps.upperBound - steps.lowerBound) / Double(max(1, area.width))
    let last = min(Double(series.last?.step ?? 0), steps.upperBound)
    let place = width > 0 ? max(0, ((last - steps.lowerBound) / width).rounded(.down)) : 0
    column = Int(min(place, 1e6))
    let first = series.firstIndex(atOrAfter: Int((steps.lowerBound + place * width).rounded(.up)))
    let value = Double(series.summary(of: first..<series.count).maximum)
    // To eighths of a row, as bars are drawn.
    level = value.isFinite ? Int((min(value, highest) / highest * Double(8 * area.height)).rounded()) : -1
  }
}

/// Breaks text into lines.
enum TextWrap {
  /// The lines of `text` that are at most `width` columns wide, broken at blanks; a longer word is cut.
  static func lines(_ text: String, width: Int) -> [String] {
    guard width > 0 else { return [] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      var word = String(word)
      if !line.isEmpty, displayWidth(line) + 1 + displayWidth(word) <= width {
        line += " " + word
        continue
      }
      if !line.isEmpty { lines.append(line) }
      while displayWidth(word) > width {
        var head = ""
        while let next = word.first, displayWidth(head + String(next)) <= width || head.isEmpty {
          head.append(next)
          word.removeFirst()
        }
        lines.append(head)
      }
      line = word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}
