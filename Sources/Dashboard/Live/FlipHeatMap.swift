package import TerminalUI
package import TrainingMetrics

/// The flip rates of layers over time, a row each, the colour or the shade on a logarithmic scale; with what the flips of
/// the newest epoch were worth.
package struct FlipHeatMap {
  /// A layer.
  package struct Row {
    let lane: Int
    /// The lane's and the layer's name.
    let laneName, name: String
    let rates: MetricSeries
    let flips: FlipStatistics?
    /// The flips of the newest epoch; nil if they are not recorded.
    let epoch: LayerDiagnostics.EpochFlips?

    /// A layer.
    package init(
      lane: Int, laneName: String, name: String, rates: MetricSeries, flips: FlipStatistics?,
      epoch: LayerDiagnostics.EpochFlips?
    ) {
      (self.lane, self.laneName, self.name) = (lane, laneName, name)
      (self.rates, self.flips, self.epoch) = (rates, flips, epoch)
    }
  }

  let rows: [Row]
  let steps: ClosedRange<Double>
  let cursor: Int?

  /// A map of layers over steps, with the cursor's step.
  package init(rows: [Row], steps: ClosedRange<Double>, cursor: Int? = nil) {
    (self.rows, self.steps, self.cursor) = (rows, steps, cursor)
  }

  /// The rates of the weakest and of the strongest shade; nil without a flip.
  var range: (low: Double, high: Double)? {
    let highest = rows.compactMap { row in row.rates.count == 0 ? nil : Double(row.rates.summary.maximum) }
      .filter { $0.isFinite && $0 > 0 }.max()
    guard let highest else { return nil }
    // Whole decades.
    let high = power(of: highest)
    let lowest = rows.flatMap { row in row.rates.columns(64, over: steps).compactMap(\.mean) }.filter { $0 > 0 }.min()
    return (max(high / 1e5, min(high / 10, power(of: lowest ?? high) / 10)), high)
  }

  // The power of ten that is not below x.
  private func power(of x: Double) -> Double {
    var power = 1.0
    while power / 10 >= x, power > 1e-12 { power /= 10 }
    return power
  }

  /// Draws a box with as many rows as fit.
  package func draw(in area: Rect, on painter: inout Painter) {
    guard let range, area.height >= 3 else { return }
    let isWide = area.width >= 60
    painter.frame.border(
      area, title: [painter.piece("flips over time", .strong)],
      trailing: isWide ? legend(range, painter) : [], style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let shown = rows.prefix(inner.height)
    let lanes = Set(rows.map(\.lane)).count
    func title(_ row: Row) -> String { lanes > 1 ? "\(row.laneName) \(row.name)" : row.name }
    let nameWidth = min(shown.map { displayWidth(title($0)) }.max() ?? 0, max(7, inner.width / 4))
    let figures = isWide ? 3 : inner.width >= 34 ? 1 : 0
    let figureWidth = figures * 12
    let map = Rect(
      x: inner.x + nameWidth + 1, y: inner.y, width: inner.width - nameWidth - 1 - figureWidth, height: inner.height)
    for (line, row) in shown.enumerated() {
      let y = inner.y + line
      painter.frame.text(
        title(row), x: inner.x, y: y, style: lanes > 1 ? painter.style(lane: row.lane) : painter.style(.text),
        maxWidth: nameWidth)
      draw(row, range, in: map.row(line), on: &painter)
      let texts = [
        Figure.rate(row.flips?.flipRate),
        row.epoch.map { "drift " + ($0.driftShare.map { NumberFormat.percent($0, decimals: 0) } ?? Figure.unknown) }
          ?? "drift –",
        row.flips.flatMap { flips in
          flips.weightsByFlips.first.map {
            "never " + NumberFormat.percent(Double($0) / Double(max(1, flips.weights)), decimals: 0)
          }
        } ?? "never –",
      ]
      for (place, text) in texts.prefix(figures).enumerated() {
        let isStorm = place == 1 && (row.epoch?.driftShare ?? 1) < 0.1
        painter.frame.text(
          text, endingAt: map.maxX + 12 * (place + 1), y: y,
          style: painter.style(place == 0 ? .text : isStorm ? .warning : .faint))
      }
    }
  }

  private func draw(_ row: Row, _ range: (low: Double, high: Double), in area: Rect, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    let buckets = row.rates.columns(area.width, over: steps)
    let marked = cursor.map {
      Int((Double($0) - steps.lowerBound) / (steps.upperBound - steps.lowerBound) * Double(area.width))
    }
    for (column, bucket) in buckets.enumerated() {
      let level = bucket.mean.map { share($0, range) }
      painter.frame[area.x + column, area.y] =
        column == marked
        ? Cell(painter.glyphs.cursor, style: painter.style(.accent))
        : cell(level, lane: row.lane, painter)
    }
  }

  // 0...1; a rate of 0 is below all others.
  private func share(_ rate: Double, _ range: (low: Double, high: Double)) -> Double {
    guard rate > 0 else { return 0 }
    let decades = decimalLogarithm(range.high / range.low)
    return max(0.05, min(1, decimalLogarithm(rate / range.low) / decades))
  }

  private func cell(_ level: Double?, lane: Int, _ painter: Painter) -> Cell {
    guard let level else { return Cell(" ", style: painter.style(.faint)) }
    let color = painter.theme.laneColor(lane)
    let isExact = !painter.theme.palette.isEmpty && painter.glyphs.fallback == .none
    guard !isExact else {
      // Few levels, because terminals have a limited number of pairs of colours.
      let amount = 1 - (0.08 + 0.92 * (level * 12).rounded() / 12)
      return Cell("█", style: painter.theme.style(color: painter.theme.dimmed(color, by: amount)))
    }
    let ramp = ramp(painter)
    return Cell(ramp[min(ramp.count - 1, Int(level * Double(ramp.count)))], style: painter.theme.style(color: color))
  }

  private func ramp(_ painter: Painter) -> [Unicode.Scalar] {
    Array(
      (painter.glyphs.fallback == .none ? "·░▒▓█" : painter.glyphs.fallback == .symbols ? "·.░▒█" : ".:-=+*#%@")
        .unicodeScalars)
  }

  private func legend(_ range: (low: Double, high: Double), _ painter: Painter) -> [StyledText] {
    let levels = stride(from: 0.05, through: 1, by: 0.95 / 7)
    let shades = levels.map { level -> StyledText in
      let cell = cell(level, lane: rows.first?.lane ?? 0, painter)
      return StyledText(String(Character(cell.glyph)), cell.style)
    }
    return [painter.piece(Figure.rate(range.low) + " ", .faint)] + shades
      + [painter.piece(" " + Figure.rate(range.high) + " an update", .faint)]
  }
}
