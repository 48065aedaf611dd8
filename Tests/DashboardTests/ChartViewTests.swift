import Dashboard
import Testing

@Suite struct ChartViewTests {
  @Test func theWholeRunGrowsInSteps() {
    let view = ChartView()
    #expect(view.range(lastStep: 0, plannedStep: 5400) == 0...100)
    #expect(view.range(lastStep: 820, plannedStep: 5400) == 0...1000)
    #expect(view.range(lastStep: 990, plannedStep: 5400) == 0...1000)
    #expect(view.range(lastStep: 1001, plannedStep: 5400) == 0...1600)
    #expect(view.range(lastStep: 5100, plannedStep: 5400) == 0...5400)
    #expect(view.range(lastStep: 5600, plannedStep: 5400) == 0...5600)
    for step in 1...20_000 {
      let upper = view.range(lastStep: step, plannedStep: .max).upperBound
      #expect(Double(step) <= upper && upper <= max(100, Double(step) * 1.61))
    }
  }

  @Test func zoomHalvesAndDoublesTheSteps() {
    var view = ChartView()
    view.zoomIn(lastStep: 1000)
    #expect(view.range(lastStep: 1000, plannedStep: 5400) == 500...1000)
    view.zoomIn(lastStep: 1000)
    #expect(view.range(lastStep: 1000, plannedStep: 5400) == 750...1000)
    // It follows the newest step.
    #expect(view.range(lastStep: 1100, plannedStep: 5400) == 850...1100)
    view.moveCursor(to: 400, lastStep: 1100)
    #expect(view.range(lastStep: 1100, plannedStep: 5400) == 275...525)
    view.hideCursor()
    view.zoomOut(lastStep: 1000)
    #expect(view.window == 500)
    view.zoomOut(lastStep: 1000)
    #expect(view.window == nil)
    for _ in 0..<40 { view.zoomIn(lastStep: 1000) }
    #expect(view.window == ChartView.leastWindow)
  }

  @Test func theCursorStaysInTheRun() {
    var view = ChartView()
    view.moveCursor(direction: -1, lastStep: 400)
    #expect(view.cursor == 400)
    view.moveCursor(direction: -1, lastStep: 400)
    #expect(view.cursor == 390)
    view.moveCursor(to: -5, lastStep: 400)
    #expect(view.cursor == 0)
    view.moveCursor(to: 9999, lastStep: 400)
    #expect(view.cursor == 400)
  }
}
