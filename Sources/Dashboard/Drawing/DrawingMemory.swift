import TerminalUI

/// What a frame leaves for the next: so that charts above each other stay in line, and what looks as it did is not drawn
/// again.
struct DrawingMemory {
  /// The widths of the charts' labels, so that charts above each other begin at the same column.
  var gutters: [String: Int] = [:]
  /// The charts as they were drawn.
  var charts = ChartCache()
  /// The values that the lanes' charts show.
  var ranges: SharedRanges?
  /// The newest columns of the sparklines.
  var sparklines: [Rect: SparklineTip] = [:]
}
