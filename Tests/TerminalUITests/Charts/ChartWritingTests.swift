import TerminalUI
import Testing
import TrainingMetrics

/// The texts over a chart's curves: labels, counts, reasons.
@Suite("Writing on charts")
struct ChartWritingTests {
  let blue = Color.rgb(0x6FB0F2)
  let orange = Color.rgb(0xF0A35E)

  func render(_ chart: LineChart, _ width: Int, _ height: Int, _ glyphs: GlyphSet = .braille) -> (Frame, ChartLayout) {
    var frame = Frame(width: width, height: height)
    let layout = chart.render(into: &frame, area: frame.bounds, theme: .standard, glyphs: glyphs)
    return (frame, layout)
  }

  private func rows(_ frame: Frame) -> [[Unicode.Scalar]] {
    (0..<frame.height).map { y in (0..<frame.width).map { frame[$0, y].glyph } }
  }

  /// A label and the nearest line: its column, and whether it is the label's own line.
  private func owner(of label: String, _ frame: Frame, marks: [Int]) -> Int? {
    for row in rows(frame) {
      let text = row.map(Character.init)
      let word = Array(label)
      for start in 0..<max(0, text.count - word.count) where Array(text[start..<start + word.count]) == word {
        // It must not be the end of a longer word.
        if start > 0, text[start - 1].isLetter || text[start - 1].isNumber { continue }
        let (left, right) = (start - 2, start + word.count + 1)
        let touching = [left, right].filter { marks.contains($0) && text[$0] == "┊" }
        return touching.count == 1 ? touching[0] : nil
      }
    }
    return nil
  }

  @Test("In a cluster each label touches its own line and no other", arguments: [44, 60, 90, 140])
  func cluster(width: Int) {
    let falling = series((0...400).map { 2 / (1 + Float($0) / 40) })
    let steps = [150, 158, 170, 176, 300]
    let markers = steps.map { ChartMarker(step: $0, label: "lr \($0)e-5", color: orange) }
    let (frame, layout) = render(
      LineChart(series: [ChartSeries(falling, color: blue)], markers: markers, showsLegend: false), width, 18)
    let columns = steps.map { layout.column(ofStep: Double($0)) ?? -1 }
    for (marker, column) in zip(markers, columns) {
      #expect(
        owner(of: marker.label, frame, marks: columns) == column, "\(marker.label)\n\(FrameText.plain(frame))")
    }
  }

  @Test("Two changes at one step both stand at its line")
  func sameStep() {
    let flat = series((0...100).map { _ in Float(1) })
    let markers = ["clip 0.5", "mom 0.8"].map { ChartMarker(step: 50, label: $0, color: orange) }
    let (frame, layout) = render(
      LineChart(series: [ChartSeries(flat, color: blue)], markers: markers, showsLegend: false), 60, 12)
    let column = layout.column(ofStep: 50) ?? -1
    for marker in markers { #expect(owner(of: marker.label, frame, marks: [column]) == column) }
  }

  @Test(
    "Labels without room are counted, so that none vanishes without a sign", arguments: [(30, 7), (48, 9), (70, 6)])
  func hidden(width: Int, height: Int) {
    let wave = series((0...200).map { Float($0 % 7) })
    let markers = (0..<30).map { ChartMarker(step: 40 + 4 * $0, label: "value \($0)", color: orange) }
    let (frame, _) = render(
      LineChart(series: [ChartSeries(wave, color: blue)], markers: markers, showsLegend: false), width, height)
    let text = FrameText.plain(frame)
    let shown = markers.count { text.contains("\($0.label) ") || text.contains("\($0.label)\n") }
    let counted = text.matches(of: /\+(\d+)/).compactMap { Int($0.1) }.reduce(0, +)
    #expect(shown + counted >= markers.count, "\(shown) shown, \(counted) counted\n\(text)")
    #expect(counted > 0)
  }

  @Test("A label as long as a name may be is cut, and stays at its line")
  func longLabel() {
    let flat = series((0...100).map { _ in Float(1) })
    let label = "→ " + String(repeating: "二値", count: 60)
    let (frame, layout) = render(
      LineChart(
        series: [ChartSeries(flat, color: blue)], markers: [ChartMarker(step: 20, label: label, color: orange)],
        showsLegend: false), 70, 10)
    let text = FrameText.plain(frame)
    #expect(text.contains("→ 二値") && text.contains("…"))
    #expect(layout.column(ofStep: 20) != nil)
  }

  @Test("Counts of what is off the scale never cover the newest points", arguments: [GlyphSet.braille, .ascii])
  func offScale(glyphs: GlyphSet) {
    // It rises to the upper right corner, with spikes.
    var values = (0..<3000).map { Float($0) / 3000 }
    for place in stride(from: 250, to: 2500, by: 500) { values[place] = 50 }
    let bare = LineChart(
      series: [ChartSeries(series(values.map { min($0, 1) }), color: blue)], yRange: 0...1, showsLegend: false)
    let full = LineChart(series: [ChartSeries(series(values), color: blue)], yRange: 0...1, showsLegend: false)
    let (frame, layout) = render(full, 60, 12, glyphs)
    #expect(FrameText.plain(frame).contains(" 5 off-scale"))
    let (without, _) = render(bare, 60, 12, glyphs)
    for x in layout.plot.maxX - 6..<layout.plot.maxX {
      for y in layout.plot.y..<layout.plot.maxY where without[x, y].style.foreground == blue {
        #expect(frame[x, y].style.foreground == blue, "column \(x), row \(y)\n\(FrameText.plain(frame))")
      }
    }
  }

  @Test(
    "The cursor's read-out and the counts of what is off the scale stand beside each other", arguments: [24, 30, 46])
  func readoutBesideCounts(width: Int) {
    var values = (0..<3000).map { _ in Float(0.5) }
    for place in 0..<20 { values[place * 10] = 50 }
    for cursor in stride(from: 250, to: 3000, by: 250) {
      let (frame, _) = render(
        LineChart(
          series: [ChartSeries(series(values), color: blue, label: "loss")], yRange: 0...1, cursorStep: cursor,
          showsLegend: false), width, 8)
      let text = FrameText.plain(frame)
      #expect(text.contains("▲ 20") && text.contains("step \(NumberFormat.grouped(cursor))"), "\(cursor)\n\(text)")
      #expect(width < 40 || text.contains("0.5000"), "\(cursor)\n\(text)")
      #expect(!text.contains("…"))
    }
  }

  @Test("A cursor behind a series' end reads nothing")
  func cursorBehindTheEnd() {
    let short = series((0...40).map { Float($0) }, every: 10)
    let long = series((0...90).map { Float($0) * 2 }, every: 10)
    func legend(at cursor: Int) -> String {
      let chart = LineChart(
        series: [
          ChartSeries(short, color: blue, label: "short", lastStep: 405),
          ChartSeries(long, color: orange, label: "long", lastStep: 900),
        ], cursorStep: cursor)
      return String(FrameText.plain(render(chart, 80, 12).0).split(separator: "\n")[0])
    }
    #expect(legend(at: 404).contains("short 40.00"), "its last value holds to its last step")
    #expect(legend(at: 406).contains("short –"))
    #expect(legend(at: 406).contains("long 80.00"))
  }

  @Test("A window without points says so, and one that a line crosses draws it")
  func emptyWindow() {
    let ended = series((0...100).map { Float($0) })
    var chart = LineChart(series: [ChartSeries(ended, color: blue)], steps: 500...900, showsLegend: false)
    chart.emptyWindowTexts = ["the lane ended at step 100", "ended"]
    #expect(FrameText.plain(render(chart, 60, 10).0).contains("the lane ended at step 100"))
    let narrow = FrameText.plain(render(chart, 20, 10).0)
    #expect(narrow.contains("ended") && !narrow.contains("the lane"))
    let sparse = LineChart(
      series: [ChartSeries(series([1, 2], every: 1000), color: blue)], steps: 400...600, yRange: 0...3,
      showsLegend: false)
    let (frame, layout) = render(sparse, 60, 10)
    #expect(!FrameText.plain(frame).contains("window"))
    #expect(!frame.cells(in: layout.plot) { $0.style.foreground == blue }.isEmpty)
  }

  @Test("An axis says that it is logarithmic")
  func axisNote() {
    var chart = LineChart(
      series: [ChartSeries(series((1...50).map { 1 / Float($0) }), color: blue)], yScale: .log, showsLegend: false)
    chart.yNote = "log"
    #expect(FrameText.plain(render(chart, 60, 12).0).split(separator: "\n").last?.hasPrefix("log") == true)
  }
}
