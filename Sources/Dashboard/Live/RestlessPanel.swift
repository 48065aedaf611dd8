import EngineProtocol
import TerminalUI
import TrainingMetrics

/// Which weights of a layer flip most: how often weights flipped in the newest epoch, the most restless ones with their
/// places, and for the first layer where they are in the image.
struct RestlessPanel {
  let epoch: LayerDiagnostics.EpochFlips?
  /// For each input the mean number of flips of its weights, with the shape of the image; nil if it is not known.
  let weights: LayerWeights?
  let color: Color

  func draw(in area: Rect, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    guard let epoch, let counts = epoch.weightsByFlips else {
      painter.text("flips of an epoch: not recorded yet", x: area.x, y: area.y, .faint, maxWidth: area.width)
      return drawImage(in: area.inset(top: 2), on: &painter)
    }
    let updates = max(1, epoch.updates)
    painter.line(
      [
        painter.piece("flips in an epoch of ", .faint), painter.piece(NumberFormat.grouped(updates)),
        painter.piece(" updates", .faint),
      ], in: area.row(0))
    let bars = counts.enumerated().compactMap { place, count -> BarChart.Bar? in
      let last = counts.lastIndex { $0 > 0 } ?? 0
      guard place <= last else { return nil }
      return BarChart.Bar(LayerDiagnostics.EpochFlips.words(ofBin: place), Double(count))
    }
    let shownBars = min(bars.count, max(1, area.height - 2))
    BarChart(Array(bars.prefix(shownBars)), color: color, total: Double(counts.reduce(0, +))).render(
      into: &painter.frame, area: area.rows(1, shownBars), theme: painter.theme, glyphs: painter.glyphs)
    let rest = area.inset(top: shownBars + 2)
    let restless = epoch.restless ?? []
    guard rest.height >= 2, !restless.isEmpty else { return }
    let parts = rest.width >= 50 ? rest.columns([.fixed(28), .weighted(1)], spacing: 2) : [rest]
    painter.text("most restless", x: parts[0].x, y: parts[0].y, .faint, maxWidth: parts[0].width)
    for (line, weight) in restless.prefix(parts[0].height - 1).enumerated() {
      let share = Double(weight.flips) / Double(updates)
      painter.line(
        [
          painter.piece("unit \(weight.unit)", .text),
          painter.piece(", input \(weight.input)\(pixel(weight.input))", .faint),
        ], trailing: [painter.piece(NumberFormat.percent(share, decimals: 0), share > 0.1 ? .warning : .text)],
        in: parts[0].row(line + 1))
    }
    if parts.count > 1 { drawImage(in: parts[1], on: &painter) }
  }

  // “ (14, 10)”: row and column of an input that is a pixel.
  private func pixel(_ input: Int) -> String {
    guard let pictures = weights?.pictures, pictures.arePixels else { return "" }
    let place = input / pictures.channels
    return " (\(place / pictures.width), \(place % pictures.width))"
  }

  // The mean flips of the weights of each pixel.
  private func drawImage(in area: Rect, on painter: inout Painter) {
    guard let weights, weights.pictures.arePixels, let flips = weights.inputFlips, area.height >= 4, area.width >= 12
    else {
      return
    }
    let greatest = flips.max() ?? 0
    let pixels = flips.map { greatest > 0 ? UInt8((255 * $0 / greatest).rounded()) : 0 }
    let words = "flips by pixel, at most \(NumberFormat.significant(Double(greatest), digits: 2)) a weight"
    painter.text(words, x: area.x, y: area.y, .faint, maxWidth: area.width)
    Picture(
      width: weights.pictures.width, height: weights.pictures.height, channels: weights.pictures.channels,
      pixels: pixels
    ).render(into: &painter.frame, area: area.inset(top: 1), theme: painter.theme, glyphs: painter.glyphs)
  }
}
