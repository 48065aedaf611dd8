import TerminalUI
import TrainingMetrics

/// What a screen draws with: the frame, the colours and glyphs, and the notes for the mouse.
struct Painter {
  /// The cells drawn so far.
  var frame: Frame
  /// What stands where, for the mouse.
  var hits = HitMap()
  /// What the frame before has left for this one, and this one leaves for the next.
  var memory: DrawingMemory
  /// Whether points come, so that the next picture is not far.
  var isMoving = true
  /// Whether only what points change is drawn, over the frame before: the charts and none of the words.
  var isChartsOnly = false
  /// The rows that the list on the screen shows, for paging.
  var listHeight = 1
  /// How many rows that list has, where one knows only when it is drawn.
  var listCount = 0

  let theme: Theme
  let glyphs: GlyphSet
  // The ground that text stands on.
  var ground = ThemeRole.background

  /// Draws on an empty frame.
  init(width: Int, height: Int, theme: Theme, glyphs: GlyphSet, memory: DrawingMemory) {
    frame = Frame(width: width, height: height, filledWith: Cell(" ", style: theme.style(.text)))
    (self.theme, self.glyphs, self.memory) = (theme, glyphs, memory)
  }

  /// Draws over `last` what points change.
  init(chartsOver last: Frame, theme: Theme, glyphs: GlyphSet, memory: DrawingMemory) {
    (frame, isChartsOnly) = (last, true)
    (self.theme, self.glyphs, self.memory) = (theme, glyphs, memory)
  }

  /// The style of a role on the present ground.
  func style(_ role: ThemeRole, _ attributes: Style.Attributes = []) -> Style {
    theme.style(isReversed ? .text : role, on: ground, attributes)
  }

  // Where a ground is made by exchanging the two colours, coloured text would stand in blocks of its colour.
  private var isReversed: Bool { ground != .background && theme.style(.text, on: ground).attributes.contains(.reverse) }

  /// The style of a lane's colour on the present ground.
  func style(lane index: Int, _ attributes: Style.Attributes = []) -> Style {
    isReversed ? style(.text, attributes) : theme.style(color: theme.laneColor(index), on: ground, attributes)
  }

  /// A lane's colour for large areas: bars filled with the colour of its lines would outshine them.
  func calmColor(lane index: Int) -> Color { theme.dimmed(theme.laneColor(index), by: 0.32, on: ground) }

  /// A piece of text in a role.
  func piece(_ text: String, _ role: ThemeRole = .text, _ attributes: Style.Attributes = []) -> StyledText {
    StyledText(text, style(role, attributes))
  }

  /// Draws text in a role.
  /// - Returns: the columns used.
  @discardableResult
  mutating func text(
    _ text: String, x: Int, y: Int, _ role: ThemeRole = .text, _ attributes: Style.Attributes = [],
    maxWidth: Int? = nil
  ) -> Int {
    frame.text(text, x: x, y: y, style: style(role, attributes), maxWidth: maxWidth)
  }

  /// Draws pieces from the left of `row` and others to its right end; where both don't fit, the left ones win.
  mutating func line(_ left: [StyledText], trailing right: [StyledText] = [], in row: Rect) {
    guard !row.isEmpty else { return }
    let used = frame.text(left, x: row.x, y: row.y, maxWidth: row.width)
    let width = displayWidth(right)
    if width > 0, used + 2 + width <= row.width || used == 0 {
      frame.text(right, x: max(row.x, row.maxX - width), y: row.y, maxWidth: row.width)
    }
  }

  /// Draws a chart, anew only where it looks other than the one of this name did.
  @discardableResult
  mutating func draw(_ chart: LineChart, named name: String, in area: Rect) -> ChartLayout {
    memory.charts.draw(
      chart, named: name, isMoving: isMoving, isStanding: isChartsOnly, into: &frame, area: area, theme: theme,
      glyphs: glyphs)
  }

  /// Clears the place of a chart that is to be drawn elsewhere.
  mutating func clear(_ area: Rect, ofChartNamed name: String) {
    memory.charts.forget(name)
    fill(area, ground)
  }

  /// Draws pieces in the middle of `row`.
  mutating func centered(_ pieces: [StyledText], in row: Rect) {
    let width = min(displayWidth(pieces), row.width)
    frame.text(pieces, x: row.x + (row.width - width) / 2, y: row.y, maxWidth: row.width)
  }

  /// Draws the course of a series in bars that stay below the row above.
  /// - Parameter cap: values above it are drawn as if they were it; nil takes the greatest.
  mutating func sparkline(
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
  mutating func fill(_ rect: Rect, _ role: ThemeRole) {
    frame.fill(rect, with: Cell(" ", style: theme.style(.text, on: role)))
  }

  /// Draws with `role` as the ground that text stands on.
  mutating func on(_ role: ThemeRole, _ draw: (inout Painter) -> Void) {
    let former = ground
    ground = role
    draw(&self)
    ground = former
  }
}

extension Rect {
  /// One row of the rectangle, counted from its top; empty outside it.
  func row(_ index: Int) -> Rect {
    Rect(x: x, y: y + index, width: width, height: index >= 0 && index < height ? 1 : 0)
  }

  /// The rows from `first` on, `count` of them as far as there are.
  func rows(_ first: Int, _ count: Int) -> Rect {
    Rect(x: x, y: y + first, width: width, height: min(max(0, count), max(0, height - first)))
  }

  /// The rectangle cut into `count` columns of nearly equal width.
  func columns(_ count: Int, spacing: Int = 0) -> [Rect] { grid(count: count, columns: count, spacing: spacing) }
}
