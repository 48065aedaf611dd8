package import EngineProtocol

/// A client's first line: who it is, and what it wants to hear.
package struct Hello: Hashable, Sendable {
  /// The version of the protocol that it speaks.
  package var version: Int
  /// Its name, for the journal.
  package var client: String
  /// How the points of metric series are to come.
  package var points: PointsForm
  /// Whether it wants snapshots.
  package var wantsSnapshots: Bool
  /// Whether it wants what happened before it came.
  package var wantsHistory: Bool

  /// Whether a long history of points may come summed up, as `EngineEvent.sketch`.
  package var takesSketches: Bool
  /// The program's version; nil where the client is no signflip.
  package var program: String?

  /// A client that speaks this version.
  package init(
    client: String, points: PointsForm, wantsSnapshots: Bool = true, wantsHistory: Bool = true,
    takesSketches: Bool = false, program: String? = nil, version: Int = WireProtocol.version
  ) {
    self.version = version
    self.client = client
    self.points = points
    self.wantsSnapshots = wantsSnapshots
    self.wantsHistory = wantsHistory
    self.takesSketches = takesSketches
    self.program = program
  }
}
