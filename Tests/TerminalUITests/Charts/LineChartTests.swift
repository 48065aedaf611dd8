import Foundation
import TerminalUI
import Testing
import TrainingMetrics

@Suite("Line charts")
struct LineChartTests {
  let theme = Theme.standard
  let blue = Color.rgb(0x6FB0F2)
  let orange = Color.rgb(0xF0A35E)

  func render(_ chart: LineChart, _ width: Int, _ height: Int, _ glyphs: GlyphSet = .braille) -> (Frame, ChartLayout) {
    var frame = Frame(width: width, height: height)
    let layout = chart.render(into: &frame, area: frame.bounds, theme: theme, glyphs: glyphs)
    return (frame, layout)
  }

  @Test("A rising line, its axes and its legend")
  func golden() {
    let chart = LineChart(series: [ChartSeries(series((0...20).map { Float($0) }), color: blue, label: "loss")])
    #expect(
      FrameText.plain(render(chart, 34, 11).0) == """
            ── loss 20.00
         20┤⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⣀
           │                         ⣀⡠⠔⠊
           │                     ⣀⠤⠒⠉
           │                 ⣀⠤⠒⠉
         10┤⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⢀⡠⠔⠒⠉⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂
           │        ⢀⡠⠔⠊⠁
           │    ⣀⠤⠒⠉⠁
          0┤⣀⠤⠒⠉⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀
           ╰┬──────────────┬─────────────┬
            0             10          step
        """)
  }

  @Test(
    "A sparse series is single dots at a distance, behind the others", arguments: [GlyphSet.braille, .blocks, .ascii])
  func sparse(glyphs: GlyphSet) {
    let ghost = ChartSeries(
      series((0...300).map { Float($0) }), color: blue, label: "before", showsBand: false, stroke: .sparse)
    var chart = LineChart(series: [ghost])
    let (frame, layout) = render(chart, 60, 14, glyphs)
    let cells = frame.cells(in: layout.plot) { $0.style.foreground == blue }
    #expect(cells.count >= layout.plot.width / 2 - 2, "the whole course is there")
    #expect(cells.count <= layout.plot.width, "and no more than a dot in a column")
    if glyphs.name == "braille" { #expect(cells.allSatisfy { dots(frame[$0.x, $0.y].glyph) == 1 }) }
    #expect(FrameText.plain(frame).contains("\(glyphs.legendDots) before"))
    // A live series drawn over it takes the cells.
    chart.series.append(ChartSeries(ghost.series, color: orange, showsBand: false))
    let both = render(chart, 60, 14, glyphs).0
    #expect(both.cells(in: layout.plot) { $0.style.foreground == blue }.count <= 3)
  }

  @Test("A sparse series of few points has dots between them, and none where a value is missing")
  func sparseBetweenPoints() {
    let values: [Float] = [0, 0, .nan, 1, 1]
    let chart = LineChart(
      series: [ChartSeries(series(values, every: 100), color: blue, showsBand: false, stroke: .sparse)],
      showsLegend: false)
    let (frame, layout) = render(chart, 66, 12)
    let cells = frame.cells(in: layout.plot) { $0.style.foreground == blue && dots($0.glyph) == 1 }
    let columns = cells.map { Double($0.x - layout.plot.x) / Double(layout.plot.width) }
    #expect(columns.contains { $0 > 0.1 && $0 < 0.2 } && columns.contains { $0 > 0.8 && $0 < 0.95 })
    #expect(!columns.contains { $0 > 0.3 && $0 < 0.7 })
  }

  @Test("A spike survives at any width", arguments: [12, 20, 61, 120, 300])
  func spike(width: Int) {
    var values = (0..<5000).map { 0.5 + 0.1 * Float($0 % 7) / 7 }
    values[3217] = 40
    let chart = LineChart(series: [ChartSeries(series(values), color: blue, smoothing: 0.9)], showsLegend: false)
    let (frame, layout) = render(chart, width, 12)
    let top = Rect(x: layout.plot.x, y: layout.plot.y, width: layout.plot.width, height: 1)
    // The band reaches the edge, or, in a column with few points, the line.
    let colors = [theme.bandStyle(blue).foreground, blue]
    let found = frame.cells(in: top) { colors.contains($0.style.foreground) && dots($0.glyph) > 0 }
    #expect(found.contains { $0.x == layout.column(ofStep: 3217) }, "\(found)")
    #expect(FrameText.plain(frame).contains("▲ 1"), "the note counts it")
  }

  @Test("Every one of many spikes in a long series is visible")
  func spikes() {
    var values = (0..<200_000).map { 0.5 + 0.1 * Float($0 % 7) / 7 }
    let places = (0..<40).map { 3217 + 4801 * $0 }
    for place in places { values[place] = 40 }
    let chart = LineChart(series: [ChartSeries(series(values), color: blue, smoothing: 0.9)], showsLegend: false)
    let (frame, layout) = render(chart, 200, 30)
    // Whether they are within the range of values or above it.
    let top = Rect(x: layout.plot.x, y: layout.plot.y, width: layout.plot.width, height: layout.plot.height / 2)
    let colors = [theme.bandStyle(blue).foreground, blue]
    let columns = Set(frame.cells(in: top) { colors.contains($0.style.foreground) && dots($0.glyph) > 0 }.map(\.x))
    for place in places { #expect(layout.column(ofStep: Double(place)).map(columns.contains) == true, "\(place)") }
    #expect(columns.count <= places.count)
  }

  @Test("Few points: one is visible, three are connected points")
  func fewPoints() {
    let one = LineChart(series: [ChartSeries(series([0.7], from: 0), color: blue)], showsLegend: false)
    let (single, layout) = render(one, 40, 10)
    #expect(single.cells(in: layout.plot) { $0.glyph == "•" }.count == 1)
    #expect(layout.values.contains(0.7))
    let three = LineChart(series: [ChartSeries(series([1, 0.5, 0.4], every: 100), color: blue)], showsLegend: false)
    let (frame, plot) = render(three, 40, 10)
    #expect(frame.cells(in: plot.plot) { $0.glyph == "•" }.count == 3)
    let line = frame.cells(in: plot.plot) { $0.style.foreground == blue && dots($0.glyph) > 0 }
    #expect(line.count > 20, "the line between them")
    let constant = LineChart(series: [ChartSeries(series([2, 2, 2, 2]), color: blue)], showsLegend: false)
    let (_, level) = render(constant, 40, 10)
    #expect(level.values.lowerBound < 2 && level.values.upperBound > 2)
  }

  @Test("An empty chart says so")
  func empty() {
    let text = FrameText.plain(render(LineChart(emptyText: "preparing"), 40, 9).0)
    #expect(text.contains("preparing"))
    // Areas of any size can be drawn.
    for (width, height) in [(0, 0), (1, 1), (3, 2), (9, 3), (15, 4), (200, 1)] {
      let values = series([1, 2, 3])
      _ = render(LineChart(series: [ChartSeries(values, color: blue, label: "x")], cursorStep: 1), width, height)
    }
  }

  @Test("A NaN is marked at the last finite value, and interrupts the line")
  func notANumber() {
    var values = (0..<20).map { _ in Float(1) }
    values[10] = .nan
    values[5] = 2
    let chart = LineChart(series: [ChartSeries(series(values, every: 5), color: blue)], showsLegend: false)
    let (frame, layout) = render(chart, 60, 10)
    let marks = frame.cells(in: layout.plot) { $0.glyph == "×" }
    #expect(marks.count == 1)
    let mark = marks.first ?? Frame.Point(x: 0, y: 0)
    #expect(mark.x == layout.column(ofStep: 50))
    #expect(mark.y > layout.plot.y + layout.plot.height / 2, "at the height of 1, not of 2")
    #expect(frame[mark.x, mark.y].style.foreground == theme[.bad])
    // Also in a dense series; consecutive ones are one mark.
    var dense = [Float](repeating: 1, count: 2000)
    for index in 1000..<2000 { dense[index] = .nan }
    dense[3] = 2
    let (long, place) = render(LineChart(series: [ChartSeries(series(dense), color: blue)], showsLegend: false), 60, 10)
    #expect(long.cells(in: place.plot) { $0.glyph == "×" }.count == 1)
    let right = Rect(x: place.plot.x + place.plot.width * 3 / 4, y: place.plot.y, width: 5, height: place.plot.height)
    #expect(long.cells(in: right) { $0.style.foreground == blue }.isEmpty, "nothing is drawn where nothing is known")
  }

  @Test("The smoothed line is debiased and keeps the raw band behind it")
  func smoothing() {
    let values = (0..<400).map { $0 % 2 == 0 ? Float(1) : Float(3) }
    let chart = LineChart(
      series: [ChartSeries(series(values), color: blue, smoothing: 0.9)], yRange: 0...4, showsLegend: false)
    let (frame, layout) = render(chart, 50, 12)
    let line = frame.cells(in: layout.plot) { $0.style.foreground == blue }
    let middle = layout.plot.y + layout.plot.height / 2
    #expect(line.allSatisfy { abs($0.y - middle) <= 1 }, "at 2 from the first column on: no pull towards 0")
    let band = frame.cells(in: layout.plot) { $0.style == theme.bandStyle(blue) }
    #expect(band.count > layout.plot.width * 3)
  }

  @Test("The range is that of the 5-95 % quantiles when outliers would take most of the height")
  func quantiles() {
    var values = (0..<1000).map { Float(0.1 + 0.05 * Double($0 % 10) / 10) }
    for index in 0..<20 { values[index] = 5 }
    let chart = LineChart(series: [ChartSeries(series(values), color: blue)], showsLegend: false)
    let (frame, layout) = render(chart, 80, 12)
    #expect(layout.values.upperBound < 0.3)
    #expect(layout.values.lowerBound > 0.05)
    #expect(FrameText.plain(frame).contains("▲ 20 off-scale"))
    // Everything is shown if this needs little space.
    let gentle = LineChart(series: [ChartSeries(series((0..<100).map { Float($0) }), color: blue)], showsLegend: false)
    let (whole, all) = render(gentle, 80, 12)
    #expect(all.values.contains(0) && all.values.contains(99))
    #expect(!FrameText.plain(whole).contains("off-scale"))
    #expect(all.values.lowerBound == 0, "what is never negative has no negative axis")
  }

  @Test("Limits keep a share within 0...1")
  func limits() {
    let chart = LineChart(
      series: [ChartSeries(series([0.1, 0.8, 0.97, 0.98]), color: blue)], yLimits: 0...1, yUnit: .percent,
      showsLegend: false)
    let (frame, layout) = render(chart, 40, 12)
    #expect(layout.values.upperBound <= 1)
    #expect(FrameText.plain(frame).contains("100 %"))
  }

  @Test("A log scale makes equal ratios equal heights")
  func logScale() {
    let values = series((0..<40).map { Float(1000 * pow(10, -Double($0) / 10)) })
    let chart = LineChart(series: [ChartSeries(values, color: blue)], yScale: .log, showsLegend: false)
    let (frame, layout) = render(chart, 47, 14)
    let text = FrameText.plain(frame)
    for label in ["100", "10", "1"] { #expect(text.contains(" \(label)┤"), "\(label)") }
    // A straight line: as many cells in the upper half of the plot as in the lower.
    let cells = frame.cells(in: layout.plot) { $0.style.foreground == blue }
    let middle = layout.plot.y + layout.plot.height / 2
    let upper = cells.filter { $0.y < middle }.count
    #expect(abs(2 * upper - cells.count) <= 6, "\(upper) of \(cells.count)")
    // Values that are not positive are below every chart.
    let mixed = series([1, 0, -1, 10, 100])
    let (below, _) = render(LineChart(series: [ChartSeries(mixed, color: blue)], yScale: .log), 47, 14)
    #expect(FrameText.plain(below).contains("▼ 2"))
  }

  @Test("Lines from outside are clipped, not left out")
  func clipping() {
    let chart = LineChart(
      series: [ChartSeries(series([0, 10], every: 100), color: blue)], steps: 40...60, yRange: 0...10,
      showsLegend: false)
    let (frame, layout) = render(chart, 40, 12)
    let cells = frame.cells(in: layout.plot) { $0.style.foreground == blue }
    #expect(cells.contains { $0.x == layout.plot.x })
    #expect(cells.contains { $0.x == layout.plot.maxX - 1 })
    let middle = layout.plot.y + layout.plot.height / 2
    #expect(cells.allSatisfy { abs($0.y - middle) <= 2 }, "4 to 6 of 0 to 10")
  }

  @Test("Two series never share a cell's colour: the later one takes it")
  func noMixing() {
    let falling = series((0...40).map { Float(40 - $0) })
    let rising = series((0...40).map { Float($0) })
    let chart = LineChart(
      series: [ChartSeries(falling, color: blue), ChartSeries(rising, color: orange)], showsLegend: false)
    let (frame, layout) = render(chart, 60, 14)
    let alone = render(LineChart(series: [ChartSeries(rising, color: orange)], showsLegend: false), 60, 14).0
    for cell in alone.cells(in: layout.plot, where: { $0.style.foreground == orange }) {
      #expect(frame[cell.x, cell.y] == alone[cell.x, cell.y])
    }
    #expect(!frame.cells(in: layout.plot) { $0.style.foreground == blue }.isEmpty)
  }

  @Test("Markers are lines with a label, and colliding labels are left out or moved")
  func markers() {
    let chart = LineChart(
      series: [ChartSeries(series((0...100).map { 1 / Float($0 + 1) }), color: blue)],
      markers: [
        ChartMarker(step: 50, label: "lr 1e-3 → 3e-4", color: orange),
        ChartMarker(step: 52, label: "clip 0.5", color: orange), ChartMarker(step: 900, label: "later", color: orange),
      ], showsLegend: false)
    let (frame, layout) = render(chart, 70, 12)
    let text = FrameText.plain(frame)
    #expect(text.contains("lr 1e-3 → 3e-4"))
    #expect(text.contains("clip 0.5"))
    #expect(!text.contains("later"))
    let column = layout.column(ofStep: 50) ?? 0
    let line = frame.cells(in: Rect(x: column, y: layout.plot.y, width: 1, height: layout.plot.height)) {
      $0.glyph == "┊"
    }
    #expect(line.count >= layout.plot.height - 2, "all but where the curve runs")
    let crowded = LineChart(
      series: chart.series,
      markers: (0..<60).map { ChartMarker(step: $0 + 20, label: "a long word \($0)", color: orange) },
      showsLegend: false)
    #expect(!FrameText.plain(render(crowded, 40, 8).0).contains("a long word 30"))
  }

  @Test("The cursor reads the values at its step")
  func cursor() {
    let loss = series((0...100).map { Float($0) }, every: 10)
    var chart = LineChart(
      series: [ChartSeries(loss, color: blue, label: "loss")], xUnit: .epochs(stepsPerEpoch: 100), cursorStep: 505)
    let (frame, layout) = render(chart, 60, 12)
    #expect(
      FrameText.plain(frame).hasPrefix(String(repeating: " ", count: layout.plot.x) + "epoch 5.05  ── loss 50.00"))
    #expect(layout.step(atColumn: layout.column(ofStep: 505) ?? 0).map { abs($0 - 505) <= 10 } == true)
    #expect(layout.step(atColumn: layout.plot.x - 1) == nil)
    chart.cursorStep = nil
    #expect(FrameText.plain(render(chart, 60, 12).0).contains("── loss 100.0"))
  }

  @Test("The horizontal axis counts in its unit, on both scales")
  func horizontalAxis() {
    let values = series((0...10).map { Float($0) }, every: 500)
    var chart = LineChart(series: [ChartSeries(values, color: blue)], xUnit: .epochs(stepsPerEpoch: 500))
    let lines = FrameText.plain(render(chart, 60, 12).0).split(separator: "\n", omittingEmptySubsequences: false)
    let labels = lines.last?.split(separator: " ").map(String.init) ?? []
    #expect(labels.first == "0")
    #expect(labels.last == "epoch")
    #expect(labels.contains("4"))
    #expect(!labels.contains("2500"))
    chart.xScale = .logarithmic
    let powers = FrameText.plain(render(chart, 60, 12).0).split(separator: "\n").last?.split(separator: " ") ?? []
    #expect(powers.map(String.init) == ["3e-3", "0.01", "0.03", "0.1", "0.3", "1", "3", "epoch"])
  }

  @Test("A chart over time has round times, and a line for each lane's own times")
  func timeAxis() throws {
    func clock(_ secondsPerStep: Double) throws -> StepClock {
      try #require(StepClock([.init(step: 0, seconds: 0), .init(step: 1000, seconds: 1000 * secondsPerStep)]))
    }
    let values = series((0...100).map { Float($0) }, every: 10)
    var slow = ChartSeries(values, color: blue, label: "slow")
    slow.clock = try clock(0.6)
    var fast = ChartSeries(values, color: orange, label: "fast")
    fast.clock = try clock(0.3)
    var chart = LineChart(series: [slow, fast], xUnit: .duration)
    chart.xScale = .time(try clock(0.6))
    chart.positions = 0...600
    let (frame, layout) = render(chart, 80, 14)
    let labels = FrameText.plain(frame).split(separator: "\n").last?.split(separator: " ").map(String.init) ?? []
    #expect(labels == ["0:00", "2:00", "4:00", "6:00", "8:00", "time"])
    // The fast lane ends in the middle.
    let middle = layout.plot.x + layout.plot.width / 2
    let last = try #require(frame.cells(in: layout.plot) { $0.style.foreground == orange }.map(\.x).max())
    #expect(abs(last - middle) <= 1)
    #expect(layout.step(atColumn: middle) == 500 || abs((layout.step(atColumn: middle) ?? 0) - 500) < 10)
    // At the slow lane's step 400, after 240 s, the fast one is at step 800. The greater value comes first.
    chart.cursorStep = 400
    let legend = FrameText.plain(render(chart, 80, 14).0).split(separator: "\n")[0]
    #expect(legend.contains("4:00, step 400") && legend.contains("fast 80.00") && legend.contains("slow 40.00"))
    let (first, second) = (legend.range(of: "fast"), legend.range(of: "slow"))
    #expect(try #require(first).lowerBound < (try #require(second)).lowerBound)
    chart.xUnit = .clock(offset: 3600)
    chart.positions = 1_764_000_000...1_764_000_600
    chart.cursorStep = nil
    // 1,764,000,000 is 2025-11-24 16:00:00 UTC.
    for index in chart.series.indices { chart.series[index].clock = nil }
    #expect(FrameText.plain(render(chart, 80, 14).0).contains("17:04"))
  }

  @Test("The extreme of a line has a mark, where there are more than two points", arguments: GlyphSet.all)
  func extremes(glyphs: GlyphSet) {
    let values: [Float] = [5, 3, 1, 2, 4]
    var chart = LineChart(
      series: [ChartSeries(series(values, every: 100), color: blue, showsBand: false, extreme: .least)])
    let (frame, layout) = render(chart, 60, 14, glyphs)
    let marks = frame.cells(in: layout.plot) { $0.glyph == glyphs.extreme }
    #expect(marks.count == 1 && abs((marks.first?.x ?? 0) - layout.plot.x - layout.plot.width / 2) <= 1)
    #expect(marks.first?.y ?? 0 > layout.plot.maxY - 4)
    chart.series[0].series = series([5, 3], every: 100)
    #expect(render(chart, 60, 14, glyphs).0.cells(in: layout.plot) { $0.glyph == glyphs.extreme }.isEmpty)
  }

  @Test("References widen the range, but are not drawn")
  func references() {
    var chart = LineChart(series: [ChartSeries(series([1, 2, 3, 4]), color: blue)])
    chart.references = [ChartSeries(series([1, 20, 30, 40]), color: orange)]
    let (frame, layout) = render(chart, 60, 14)
    #expect(layout.values.upperBound >= 40)
    #expect(frame.cells(in: layout.plot) { $0.style.foreground == orange }.isEmpty)
  }

  @Test("Every glyph table draws a chart", arguments: GlyphSet.all)
  func glyphTables(glyphs: GlyphSet) {
    let chart = LineChart(
      series: [ChartSeries(series((0...50).map { Float($0 * $0) }), color: blue, label: "x", stroke: .dashed)],
      markers: [ChartMarker(step: 10, label: "m", color: orange)])
    let (frame, _) = render(chart, 50, 12, glyphs)
    let isASCII = FrameText.plain(frame).unicodeScalars.allSatisfy { $0.isASCII }
    #expect(isASCII == (glyphs.name == "ascii"))
    #expect(!frame.cells(in: frame.bounds) { $0.style.foreground == blue }.isEmpty)
  }
}
