import EngineProtocol
package import TerminalUI

extension Action {
  package static let lanes = Action("lanes")
}

/// One panel per lane, side by side, on several pages if not all fit.
package struct LanesView: LiveView {
  package static let tab = ViewTab(
    .lanes, key: .character("1"), help: "A panel for each lane, side by side.", smallestWidth: 36, smallestHeight: 13)

  /// Whether only the lane in focus is shown.
  package var isMaximised = false
  package var charts: ChartKinds { [.steps, .losses] }

  package init() {}

  package func chartedQuantities(of lane: LaneModel, _ chart: ChartView) -> [ChartQuantity] {
    chart.panels.map(\.quantity)
  }

  package func fits(_ layout: LiveLayout) -> Bool { layout.form == .panels }

  package func notes(in area: Rect, _ context: ViewContext) -> [String] {
    let (shown, _) = page(in: area, context)
    guard shown.count < context.lanes.count else { return [] }
    let first = shown.lowerBound + 1
    let places = shown.count == 1 ? "lane \(first)" : "lanes \(first)–\(shown.upperBound)"
    let note = "\(places) of \(context.lanes.count)"
    return [note + ", tab for more", note]
  }

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    let (shown, columns) = page(in: area, context)
    let takesTurns = painter.isChartsOnly && context.lanes[shown].count { !$0.state.hasEnded } > 1
    for (place, index) in zip(area.grid(count: shown.count, columns: columns), shown) {
      // Side by side they alternate, so each is updated at half the screen's rate.
      if takesTurns, index % FrameSchedule.turns != painter.turn { continue }
      let lane = context.lanes[index]
      LanePanel(
        lane: lane, index: index, isFocused: context.focusedLane == index && context.lanes.count > 1,
        chart: context.chart, steps: context.steps, axis: context.axis,
        checkpointKey: checkpointKey(of: lane, context),
        ranges: lane.hasFailed
          ? SharedRanges(lanes: [lane], steps: context.steps, scale: context.chart.lossScale) : context.ranges,
        lanes: context.lanes, isMaximised: isMaximised
      ).draw(in: place, on: &painter)
    }
  }

  // The visible lanes, including the one in focus, and the number of columns.
  private func page(in area: Rect, _ context: ViewContext) -> (shown: Range<Int>, columns: Int) {
    let focused = context.focusedLane ?? 0
    let count = context.lanes.count
    if isMaximised { return (min(focused, count)..<min(focused + 1, count), 1) }
    let grid = LiveLayout.grid(area, laneCount: count)
    let size = grid.columns * grid.rows
    let first = focused / size * size
    return (first..<min(count, first + size), grid.columns)
  }

  // The key that opens a failed lane's checkpoints, if there are any.
  private func checkpointKey(of lane: LaneModel, _ context: ViewContext) -> String? {
    guard lane.hasFailed, !lane.checkpoints.isEmpty, context.canSteer else { return nil }
    return context.keyMap.keys(for: .checkpoints).first?.label ?? ":checkpoints"
  }
}
