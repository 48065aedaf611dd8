/// A reader's place in the engine's record.
package struct EventCursor: Hashable, Codable, Sendable {
  /// Events read, points left out.
  package var eventCount: Int
  /// Points read of each series.
  package var pointCounts: [SeriesKey: Int]

  /// Whether points are left out: for a reader that only wants to know what has happened.
  package let leavesPointsOut: Bool

  /// Whether a long history of points may come summed up, as `EngineEvent.sketch`.
  package let takesSketches: Bool

  /// The beginning.
  package init() { self.init(leavesPointsOut: false) }

  private init(leavesPointsOut: Bool = false, takesSketches: Bool = false) {
    eventCount = 0
    pointCounts = [:]
    self.leavesPointsOut = leavesPointsOut
    self.takesSketches = takesSketches
  }

  /// The beginning, for a reader without charts.
  package static let withoutPoints = EventCursor(leavesPointsOut: true)

  /// The beginning, for a reader whose charts need no more than a screen shows.
  package static let withSketches = EventCursor(takesSketches: true)
}
