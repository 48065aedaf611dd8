/// Where a chart's data stands on the screen and what it spans.
package struct ChartLayout: Hashable, Sendable {
  /// The cells of the data, without axes and legend.
  package var plot: Rect
  /// The steps from the left edge of the plot to its right edge.
  package var steps: ClosedRange<Double>
  /// The values from the bottom of the plot to its top.
  package var values: ClosedRange<Double>

  /// The step in the middle of a column of the frame; nil left and right of the plot.
  package func step(atColumn x: Int) -> Int? {
    guard x >= plot.x, x < plot.maxX else { return nil }
    let share = (Double(x - plot.x) + 0.5) / Double(plot.width)
    return Int((steps.lowerBound + share * (steps.upperBound - steps.lowerBound)).rounded())
  }

  /// The column of the frame that shows a step; nil when it lies outside.
  package func column(ofStep step: Double) -> Int? {
    guard steps.contains(step), plot.width > 0 else { return nil }
    let share = (step - steps.lowerBound) / (steps.upperBound - steps.lowerBound)
    return plot.x + min(plot.width - 1, Int(share * Double(plot.width)))
  }
}
