import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The flip rate of each binary layer: name, its course, the newest figure.
struct FlipRates {
  let lane: LaneModel
  let index: Int
  let steps: ClosedRange<Double>

  func draw(in area: Rect, on painter: inout Painter) {
    if !painter.isChartsOnly {
      painter.text("flips per update", x: area.x, y: area.y, .faint, maxWidth: area.width)
    }
    let body = area.inset(top: 1)
    guard body.height > 0 else { return }
    let layers = lane.description.binaryLayers
    // Where not every layer has a row, the network as a whole comes first.
    let shown: [String?] =
      layers.count > body.height ? [String?.none] + layers.prefix(body.height - 1).map(Optional.some) : layers
    guard !shown.isEmpty else { return }
    let rowHeight = min(3, max(1, body.height / shown.count))
    let fullWidth = shown.map { displayWidth($0 ?? "all") }.max() ?? 0
    let isShort = fullWidth > body.width / 3
    let nameWidth = isShort ? 3 : fullWidth
    for (row, layer) in shown.enumerated() {
      let place = body.rows(row * rowHeight, rowHeight)
      guard !place.isEmpty else { break }
      let textRow = place.maxY - 1
      if !painter.isChartsOnly {
        drawWords(
          layer, isShort ? layer.map(Self.short) : layer, x: place.x, y: textRow, nameWidth, maxX: place.maxX,
          on: &painter)
      }
      let line = place.inset(left: nameWidth + 1, top: rowHeight == 3 ? 1 : 0, right: 9)
      let series = lane.series(.flipRate, layer: layer)
      // The first updates flip many times what the later ones do: the top is the greatest of the last nine tenths.
      let first = series.firstIndex(atOrAfter: Int(steps.upperBound / 10))
      let top = series.summary(of: first..<series.count).maximum
      painter.sparkline(
        series, in: line, steps: steps, lane: index, cap: top.isFinite && top > 0 ? Double(top) : nil)
    }
  }

  private func drawWords(
    _ layer: String?, _ name: String?, x: Int, y: Int, _ nameWidth: Int, maxX: Int, on painter: inout Painter
  ) {
    painter.text(name ?? "all", x: x, y: y, .text, maxWidth: nameWidth)
    painter.frame.text(
      Figure.rate(rate(of: layer)), endingAt: maxX, y: y, style: painter.style(.text), maxWidth: 8)
  }

  // A layer's name in three columns: `h1` for “hidden 1”, `out` for “output”.
  private static func short(_ name: String) -> String {
    let number = String(name.reversed().prefix { $0.isNumber }.reversed())
    return number.isEmpty ? String(name.prefix(3)) : String(name.prefix(max(1, 3 - number.count))) + number
  }

  private func rate(of layer: String?) -> Double? {
    if let layer, let flips = lane.snapshot?.flips.first(where: { $0.layer == layer }) { return flips.flipRate }
    return (layer == nil ? lane.latest(.flipRate) : lane.series(.flipRate, layer: layer).last?.value).map(Double.init)
  }
}
