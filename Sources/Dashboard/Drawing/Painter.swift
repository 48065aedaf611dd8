package import TerminalUI
package import TrainingMetrics

/// The drawing context of a screen: frame, colours, glyphs, and positions for the mouse.
package struct Painter {
  /// The frame.
  package var frame: Frame
  /// The positions of elements, for the mouse.
  package var hits = HitMap()
  /// State kept from frame to frame.
  var memory: DrawingMemory
  /// Whether new points keep arriving, so that the next frame follows soon.
  package var isMoving = true
  /// Whether to draw only the charts over the previous frame, because only points are new.
  package var isChartsOnly = false
  /// Whether the terminal draws images, so that small ones show every pixel.
  package var drawsImages = false
  /// The current turn if only charts are drawn.
  package var turn = 0

  package let theme: Theme
  package let glyphs: GlyphSet
  // The background role.
  var ground = ThemeRole.background

  /// A painter with an empty frame.
  init(width: Int, height: Int, theme: Theme, glyphs: GlyphSet, memory: DrawingMemory) {
    frame = Frame(width: width, height: height, filledWith: Cell(" ", style: theme.style(.text)))
    (self.theme, self.glyphs, self.memory) = (theme, glyphs, memory)
  }

  /// A painter with an empty frame and no previous one.
  package init(width: Int, height: Int, theme: Theme = .standard, glyphs: GlyphSet = .braille) {
    self.init(width: width, height: height, theme: theme, glyphs: glyphs, memory: DrawingMemory())
  }

  /// A painter that updates the charts of `last`.
  init(chartsOver last: Frame, theme: Theme, glyphs: GlyphSet, memory: DrawingMemory) {
    (frame, isChartsOnly) = (last, true)
    (self.theme, self.glyphs, self.memory) = (theme, glyphs, memory)
  }

  /// The style of a role on the current background.
  package func style(_ role: ThemeRole, _ attributes: Style.Attributes = []) -> Style {
    theme.style(isReversed ? .text : role, on: ground, attributes)
  }

  // On a background made by reverse video, coloured text would appear as blocks of its colour.
  private var isReversed: Bool { ground != .background && theme.style(.text, on: ground).attributes.contains(.reverse) }

  /// The style of a lane's colour on the current background.
  package func style(lane index: Int, _ attributes: Style.Attributes = []) -> Style {
    isReversed ? style(.text, attributes) : theme.style(color: theme.laneColor(index), on: ground, attributes)
  }

  /// The number on a lane's line in a chart of `count` lanes, if colours cannot distinguish the lines; nil otherwise.
  package func letter(ofLane index: Int, count: Int) -> Unicode.Scalar? {
    guard count > 1, theme.laneColor(index) == theme.laneColor(index + 1) else { return nil }
    return Unicode.Scalar(UInt8(ascii: "1") + UInt8(index % 9))
  }

  /// A lane's colour for large areas: bars in the full colour would be more prominent than its lines.
  package func calmColor(lane index: Int) -> Color { theme.dimmed(theme.laneColor(index), by: 0.32, on: ground) }

  /// Returns a text in the style of a role.
  package func piece(_ text: String, _ role: ThemeRole = .text, _ attributes: Style.Attributes = []) -> StyledText {
    StyledText(text, style(role, attributes))
  }

  /// Draws text in the style of a role.
  /// - Returns: the number of columns used.
  @discardableResult
  package mutating func text(
    _ text: String, x: Int, y: Int, _ role: ThemeRole = .text, _ attributes: Style.Attributes = [],
    maxWidth: Int? = nil
  ) -> Int {
    frame.text(text, x: x, y: y, style: style(role, attributes), maxWidth: maxWidth)
  }

  /// Draws texts at the left and the right end of `row`. If both don't fit, the left ones take precedence.
  package mutating func line(_ left: [StyledText], trailing right: [StyledText] = [], in row: Rect) {
    guard !row.isEmpty else { return }
    let used = frame.text(left, x: row.x, y: row.y, maxWidth: row.width)
    let width = displayWidth(right)
    if width > 0, used + 2 + width <= row.width || used == 0 {
      frame.text(right, x: max(row.x, row.maxX - width), y: row.y, maxWidth: row.width)
    }
  }

  /// Draws a chart, unless its picture is the same as the previous one of this name.
  @discardableResult
  package mutating func draw(_ chart: LineChart, named name: String, in area: Rect) -> ChartLayout {
    memory.charts.draw(
      chart, named: name, isMoving: isMoving, isStanding: isChartsOnly, into: &frame, area: area, theme: theme,
      glyphs: glyphs)
  }

  /// Clears the position of a chart that will be drawn elsewhere.
  package mutating func clear(_ area: Rect, ofChartNamed name: String) {
    memory.charts.forget(name)
    fill(area, ground)
  }

  /// Draws texts centered in `row`.
  package mutating func centered(_ pieces: [StyledText], in row: Rect) {
    let width = min(displayWidth(pieces), row.width)
    frame.text(pieces, x: row.x + (row.width - width) / 2, y: row.y, maxWidth: row.width)
  }

  /// Draws a series as bars that do not touch the row above.
  /// - Parameter cap: larger values are clipped to it; nil for the largest value.
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

  /// Fills a rectangle with a role's colour, and uses it as background from then on.
  package mutating func fill(_ rect: Rect, _ role: ThemeRole) {
    frame.fill(rect, with: Cell(" ", style: theme.style(.text, on: role)))
  }

  /// Draws with `role` as the background.
  package mutating func on(_ role: ThemeRole, _ draw: (inout Painter) -> Void) {
    let former = ground
    ground = role
    draw(&self)
    ground = former
  }
}

extension Rect {
  /// A row of the rectangle, counted from its top; empty outside.
  package func row(_ index: Int) -> Rect {
    Rect(x: x, y: y + index, width: width, height: index >= 0 && index < height ? 1 : 0)
  }

  /// At most `count` rows from `first` on.
  package func rows(_ first: Int, _ count: Int) -> Rect {
    Rect(x: x, y: y + first, width: width, height: min(max(0, count), max(0, height - first)))
  }

  /// Divides the rectangle into `count` columns of nearly equal width.
  package func columns(_ count: Int, spacing: Int = 0) -> [Rect] {
    grid(count: count, columns: count, spacing: spacing)
  }
}

/// State kept from frame to frame, so that stacked charts stay aligned, and unchanged parts are not drawn again.
struct DrawingMemory {
  /// The widths of the charts' labels, so that stacked charts stay aligned.
  var gutters: [String: Int] = [:]
  /// The charts as last drawn.
  var charts = ChartCache()
  /// The value ranges of the lanes' charts.
  var ranges: SharedRanges?
  /// The newest columns of the sparklines.
  var sparklines: [Rect: SparklineTip] = [:]
}

/// The newest column of a sparkline. While it is unchanged, so is the whole.
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
    // In eighths of a row, the resolution of bars.
    level = value.isFinite ? Int((min(value, highest) / highest * Double(8 * area.height)).rounded()) : -1
  }
}

/// Wraps text into lines.
enum TextWrap {
  /// Returns the lines of `text`, at most `width` columns wide, broken at spaces; longer words are cut.
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

  /// Returns the lines of as many whole sentences of `text` as fit; none if the first one does not.
  static func sentences(_ text: String, width: Int, height: Int) -> [String] {
    var sentences = text.split(separator: ". ").map { $0.hasSuffix(".") ? String($0) : $0 + "." }
    while !sentences.isEmpty {
      let lines = lines(sentences.joined(separator: " "), width: width)
      if lines.count <= height { return lines }
      sentences.removeLast()
    }
    return []
  }
}
