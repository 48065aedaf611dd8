import TerminalUI
import Testing

/// Points over two axes, and lines across parallel ones, as text.
@Suite struct ScatterChartTests {
  private func draw(
    _ chart: ScatterChart, _ width: Int = 40, _ height: Int = 12, glyphs: GlyphSet = .braille
  ) -> (lines: [String], cells: [(x: Int, y: Int)?]) {
    var frame = Frame(width: width, height: height)
    let cells = chart.render(into: &frame, area: frame.bounds, theme: .standard, glyphs: glyphs)
    let lines = FrameText.plain(frame).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return (lines, cells)
  }

  private let colors = [Color.rgb(0xFF0000), .rgb(0x00FF00)]

  @Test func equalRatiosAreEqualDistancesOnALogarithmicAxis() throws {
    let points = [1e-4, 1e-3, 1e-2, 0].map { ScatterChart.Point(x: $0, y: 0.5 + $0) }
    let (lines, cells) = draw(
      ScatterChart(points: points, colors: colors, xAxis: .numbers(.log), xName: "rate", yUnit: .percent))
    let columns = try cells.prefix(3).map { try #require($0).x }
    #expect(abs((columns[1] - columns[0]) - (columns[2] - columns[1])) <= 1)
    // Zero has no place on it.
    #expect(cells[3] == nil)
    #expect(lines[11].contains("1e-4") && lines[11].contains("1e-3") && lines[11].hasSuffix("rate"))
    #expect(lines.contains { $0.contains(" %") })
    let linear = draw(
      ScatterChart(points: points, colors: colors, xAxis: .numbers(.linear), xName: "rate", yUnit: .percent))
    #expect(try #require(linear.cells[1]).x - (try #require(linear.cells[0])).x < 6 && linear.cells[3] != nil)
  }

  @Test func wordsStandBesideEachOther() throws {
    let points = [0, 1, 1].map { ScatterChart.Point(x: $0, y: $0, group: Int($0)) }
    let chart = ScatterChart(points: points, colors: colors, xAxis: .categories(["adam", "sgd"]), xName: "optimizer")
    let (lines, cells) = draw(chart, 60)
    #expect(lines[11].contains("adam") && lines[11].contains("sgd"))
    // The larger value is above the smaller one.
    #expect(try #require(cells[0]).y > (try #require(cells[1])).y)
  }

  @Test func digitsTellGroupsApartWithoutColours() {
    var chart = ScatterChart(
      points: [.init(x: 1, y: 1, group: 0), .init(x: 2, y: 2, group: 1)], colors: colors, xAxis: .numbers(.linear),
      xName: "x")
    chart.showsDigits = true
    let text = draw(chart, glyphs: .ascii).lines.dropLast(2).joined()
    #expect(text.contains("1") && text.contains("2"))
    chart.selected = 0
    #expect(draw(chart).lines.joined().contains("◆"))
  }

  @Test func everySizeIsDrawn() {
    let axes = ["a", "b", "c"].map { ParallelChart.Axis(name: $0, labels: [.init(height: 0, text: "0")]) }
    let lines = [
      ParallelChart.Line(heights: [0, nil, 1], group: 0), ParallelChart.Line(heights: [0, 1, 0.5], group: 1),
    ]
    let parallel = ParallelChart(axes: axes, lines: lines, styles: colors.map { Theme.standard.style(color: $0) })
    let points = (0..<9).map { ScatterChart.Point(x: Double($0), y: .nan) } + [ScatterChart.Point(x: 1, y: 1)]
    for width in 0...30 {
      for height in 0...12 {
        _ = draw(ScatterChart(points: points, colors: colors, xAxis: .numbers(.log), xName: "a name"), width, height)
        var frame = Frame(width: width, height: height)
        parallel.render(into: &frame, area: frame.bounds, theme: .standard, glyphs: .ascii)
      }
    }
  }

  @Test func aLineCrossesItsAxesAtItsHeights() throws {
    let axes = ["rate", "size"].map {
      ParallelChart.Axis(name: $0, labels: [.init(height: 0, text: "low"), .init(height: 1, text: "high")])
    }
    var frame = Frame(width: 40, height: 9)
    ParallelChart(
      axes: axes, lines: [.init(heights: [0, 1], group: 0)], styles: [Theme.standard.style(.text)]
    ).render(into: &frame, area: frame.bounds, theme: .standard, glyphs: .braille)
    let lines = FrameText.plain(frame).split(separator: "\n", omittingEmptySubsequences: false).map { Array($0) }
    #expect(String(lines[0]).contains("rate") && String(lines[0]).contains("size"))
    #expect(String(lines[1]).contains("high") && String(lines[8]).contains("low"))
    func dots(_ columns: Range<Int>) throws -> Int {
      try #require(
        lines.indices.first { row in lines[row].indices.contains { columns.contains($0) && lines[row][$0] >= "⠁" } })
    }
    // From the lower left to the upper right.
    #expect(try dots(9..<12) > (try dots(28..<31)))
  }
}
