import TerminalUI
import Testing
import TrainingMetrics

@Suite("Axis ticks")
struct AxisTicksTests {
  /// The labels of a drawn chart's vertical axis, from bottom to top.
  func labels(_ range: ClosedRange<Double>, scale: ChartScale = .linear, unit: ChartUnit = .plain, rows: Int = 12)
    -> [String]
  {
    var frame = Frame(width: 60, height: rows + 2)
    let values = series([Float(range.lowerBound), Float(range.upperBound)])
    let chart = LineChart(
      series: [ChartSeries(values, color: .ansi(1))], yScale: scale, yRange: range, yUnit: unit, showsLegend: false)
    let layout = chart.render(into: &frame, area: frame.bounds, theme: .standard, glyphs: .braille)
    return (layout.plot.y..<layout.plot.maxY).reversed().compactMap { y in
      guard frame[layout.plot.x - 1, y].glyph == "┤" else { return nil }
      let row = Rect(x: 0, y: y, width: layout.plot.x - 1, height: 1)
      return String(row.cellsText(frame).drop { $0 == " " })
    }
  }

  @Test(
    "1-2-5 steps, with as many decimals as tell them apart",
    arguments: [
      (0.0...1.0, ["0.0", "0.5", "1.0"]), (0.0...8.0, ["0", "2", "4", "6", "8"]),
      (0.0...0.4, ["0.0", "0.1", "0.2", "0.3", "0.4"]),
      (-2.0...2.0, ["-2", "-1", "0", "1", "2"]), (0.0...2e-5, ["0", "5e-6", "1e-5", "1.5e-5", "2e-5"]),
      (0.0...50_000.0, ["0", "20k", "40k"]), (0.0...2.4e12, ["0", "0.5T", "1.0T", "1.5T", "2.0T"]),
      (0.0...6e9, ["0", "2G", "4G", "6G"]),
      (0.0...4.4e20, ["0", "1e20", "2e20", "3e20", "4e20"]), (0.0...2.5e16, ["0", "1e16", "2e16"]),
    ])
  func linear(range: ClosedRange<Double>, expected: [String]) {
    let found = labels(range)
    #expect(found == expected)
    #expect(Set(found).count == found.count, "no label twice: \(found)")
  }

  @Test(
    "Two labels at least, where there is room for two", arguments: [0.86...0.94, 0.11...0.19, 0.62...0.98, 3.1...3.9])
  func two(range: ClosedRange<Double>) {
    for rows in [5, 6, 8, 12] {
      let found = labels(range, rows: rows)
      #expect(found.count >= 2, "\(rows) rows: \(found)")
      #expect(Set(found).count == found.count)
    }
  }

  @Test("Percent")
  func percent() { #expect(labels(0...1, unit: .percent).contains("50 %")) }

  @Test("A tiny span prints what its labels share once")
  func sharedPrefix() {
    var frame = Frame(width: 60, height: 14)
    let chart = LineChart(
      series: [ChartSeries(series([0.98312, 0.98318]), color: .ansi(1))], yRange: 0.98312...0.98318, showsLegend: false)
    let layout = chart.render(into: &frame, area: frame.bounds, theme: .standard, glyphs: .braille)
    let text = FrameText.plain(frame)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last?.hasPrefix("0.9831…") == true, "\(text)")
    #expect(lines.dropLast().contains { $0.contains("…4") }, "\(text)")
    #expect(layout.plot.x <= 9)
  }

  @Test("A log axis labels powers of ten, and 1-2-5 or linear steps where few fit")
  func logarithmic() {
    #expect(labels(1e-4...1, scale: .log, rows: 16) == ["1e-4", "1e-3", "0.01", "0.1", "1"])
    #expect(labels(1...9, scale: .log).contains("5"))
    #expect(labels(0.2...0.3, scale: .log).count >= 2)
    #expect(labels(1e-12...1, scale: .log).count >= 2)
  }
}

extension Rect {
  /// The glyphs of the first row of the rectangle.
  fileprivate func cellsText(_ frame: Frame) -> String {
    var text = String.UnicodeScalarView()
    for column in x..<maxX { text.append(frame[column, y].glyph) }
    return String(text)
  }
}
