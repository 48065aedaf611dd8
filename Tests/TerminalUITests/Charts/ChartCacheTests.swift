import TerminalUI
import Testing
import TrainingMetrics

@Suite("Chart cache")
struct ChartCacheTests {
  private func chart(_ values: [Float], label: String = "") -> LineChart {
    LineChart(
      series: [ChartSeries(series(values), color: .rgb(0x80C0FF), label: label, smoothing: 0.6)], steps: 0...1000,
      yRange: 0...4, showsLegend: !label.isEmpty)
  }

  private func wave(_ count: Int) -> [Float] { (0..<count).map { 2 + Float($0 % 7) / 7 - Float($0) / 800 } }

  private func fresh(_ chart: LineChart, theme: Theme = .standard, width: Int = 60) -> Frame {
    var frame = Frame(width: 60, height: 14)
    let area = Rect(x: 0, y: 0, width: width, height: 14)
    frame.fill(area, with: Cell(" ", style: theme.style(.text)))
    chart.render(into: &frame, area: area, theme: theme, glyphs: .braille)
    return frame
  }

  private func draw(
    _ chart: LineChart, in cache: inout ChartCache, isMoving: Bool, theme: Theme = .standard, width: Int = 60
  ) -> Frame {
    var frame = Frame(width: 60, height: 14)
    let area = Rect(x: 0, y: 0, width: width, height: 14)
    cache.draw(
      chart, named: "a", isMoving: isMoving, into: &frame, area: area, theme: theme, glyphs: .braille)
    return frame
  }

  @Test("At rest a chart equals a newly drawn one")
  func atRest() {
    var cache = ChartCache()
    for count in [0, 1, 5, 100, 300, 301, 302, 400, 640, 999] {
      let chart = chart(wave(count))
      _ = draw(chart, in: &cache, isMoving: true)
      for _ in 0..<2 { #expect(draw(chart, in: &cache, isMoving: false) == fresh(chart), "\(count)") }
    }
  }

  @Test("A spike shows within a few frames, a NaN at once")
  func spike() {
    var cache = ChartCache()
    let base = wave(500)
    _ = draw(chart(base), in: &cache, isMoving: true)
    for values in [base + [3.9], base + [3.9, 40]] {
      var last = fresh(chart([]))
      for _ in 0..<6 { last = draw(chart(values), in: &cache, isMoving: true) }
      #expect(last == fresh(chart(values)))
    }
    let broken = base + [3.9, 40, .nan]
    #expect(draw(chart(broken), in: &cache, isMoving: true) == fresh(chart(broken)))
  }

  @Test("Other points, another look and another place are drawn at once")
  func other() {
    var cache = ChartCache()
    let base = wave(500)
    _ = draw(chart(base), in: &cache, isMoving: true)
    // A rewind.
    #expect(draw(chart(wave(300)), in: &cache, isMoving: true) == fresh(chart(wave(300))))
    #expect(draw(chart(base), in: &cache, isMoving: true, theme: .terminal) == fresh(chart(base), theme: .terminal))
    #expect(draw(chart(base), in: &cache, isMoving: true, width: 40) == fresh(chart(base), width: 40))
    let named = chart(base, label: "loss")
    #expect(draw(named, in: &cache, isMoving: true) == fresh(named))
  }

  @Test("An unchanged chart is not drawn again until it is forgotten")
  func standing() {
    var cache = ChartCache()
    let area = Rect(x: 0, y: 0, width: 60, height: 14)
    func draw(_ values: [Float], over frame: Frame) -> Frame {
      var frame = frame
      cache.draw(
        chart(values), named: "a", isMoving: true, isStanding: true, into: &frame, area: area, theme: .standard,
        glyphs: .braille)
      return frame
    }
    let base = wave(500)
    let picture = draw(base, over: Frame(width: 60, height: 14))
    #expect(picture == fresh(chart(base)))
    #expect(draw(base, over: picture) == picture)
    let blank = Frame(width: 60, height: 14)
    #expect(draw(base, over: blank) == blank)
    #expect(draw(wave(600), over: picture) == fresh(chart(wave(600))))
    #expect(draw(wave(600), over: blank) == blank)
    cache.forget("a")
    #expect(draw(wave(600), over: blank) == fresh(chart(wave(600))))
  }
}
