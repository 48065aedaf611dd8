import TerminalUI
import Testing
import TrainingMetrics

@testable import Dashboard

@Suite("Charts above each other")
struct ChartStackTests {
  private let area = Rect(x: 0, y: 0, width: 60, height: 20)

  private func stack(_ top: ClosedRange<Double>) -> ChartStack {
    var series = MetricSeries()
    for step in 0..<400 { series.append(MetricPoint(step: step, value: Float(step % 9))) }
    let halves = area.grid(count: 2, columns: 1)
    var stack = ChartStack()
    for (half, range) in zip(halves, [top, 0...9]) {
      let line = ChartSeries(series, color: .rgb(0x80C0FF), smoothing: 0.5)
      stack.entries.append(
        .init(name: "\(half.y)", chart: LineChart(series: [line], steps: 0...400, yRange: range), area: half))
    }
    return stack
  }

  @Test("If labels widen, charts drawn over the last frame look as on an empty one")
  func labelsThatWiden() {
    for ranges in [[0...9, 0...90_000], [0...90_000, 0...9]] as [[ClosedRange<Double>]] {
      var painter = Painter(width: 60, height: 20, theme: .standard, glyphs: .braille, memory: DrawingMemory())
      stack(ranges[0]).draw(on: &painter)
      painter = Painter(chartsOver: painter.frame, theme: .standard, glyphs: .braille, memory: painter.memory)
      var fresh = Painter(width: 60, height: 20, theme: .standard, glyphs: .braille, memory: DrawingMemory())
      for _ in 0..<2 {
        stack(ranges[1]).draw(on: &painter)
        stack(ranges[1]).draw(on: &fresh)
        #expect(painter.frame.changes(since: fresh.frame).isEmpty)
      }
    }
  }
}
