package import TrainingMetrics

/// The interface to a training engine, for dashboards, scripts and tests. The engine may run in this process or in
/// another.
///
/// The engine keeps a record of all events and points. Each reader asks for what is new after its own cursor, so
/// nothing is queued per reader: a slow reader gets more at once, and the engine never waits.
package protocol EngineClient: AnyObject, Sendable {
  /// Returns a new ID for a command of this client. IDs increase by 1, so `successor` of a returned ID is valid too.
  func nextCommandID() -> CommandID
  /// Sends a command. The events that answer it carry `id`.
  func send(_ command: EngineCommand, as id: CommandID)
  /// Returns the current state of the run.
  func snapshot() -> Snapshot
  /// Returns all events after `cursor`, including points of metric series, and the cursor for the next call.
  func events(after cursor: EventCursor) -> EventBatch
  /// Seconds for which the engine has not answered an outstanding request; 0 if there is none.
  var silence: Double { get }
}

extension EngineClient {
  /// Sends a command under the next ID.
  @discardableResult
  package func send(_ command: EngineCommand) -> CommandID {
    let id = nextCommandID()
    send(command, as: id)
    return id
  }

  /// An engine in this process always answers at once.
  package var silence: Double { 0 }
}

/// An engine that a server can offer to clients in other processes.
package protocol HostedEngine: EngineClient {
  /// Carries out a client's command.
  /// - Parameters:
  /// - id: identifies the command in the events that answer it.
  /// - origin: who sent the command, for the journal.
  func perform(_ command: EngineCommand, as id: CommandID, origin: String)
  /// Whether the run was suspended by `EngineCommand.suspend`, so that the process can exit.
  var isSuspended: Bool { get }
  /// Returns events as `events(after:)` does, with at most `mostPoints` points of each series.
  func events(after cursor: EventCursor, mostPoints: Int) -> EventBatch
  /// Returns the cursor behind the newest event, for a reader that wants new events only.
  /// - Parameter cursor: the reader's initial cursor.
  func end(of cursor: EventCursor) -> EventCursor
  /// Returns the points of the request at full resolution.
  /// - Throws: if they can't be read.
  func points(_ request: PointsRequest) throws -> [MetricPoint]
  /// Reports the number of connected clients, which snapshots contain.
  func setClientCount(_ count: Int)
}

extension HostedEngine {
  package func points(_ request: PointsRequest) throws -> [MetricPoint] { [] }

  package func events(after cursor: EventCursor, mostPoints: Int) -> EventBatch { events(after: cursor) }

  package func end(of cursor: EventCursor) -> EventCursor { events(after: cursor).cursor }
}

/// A batch of events in order, and the cursor for the next batch.
package struct EventBatch: Hashable, Codable, Sendable {
  /// The events.
  package var events: [EngineEvent]
  /// The cursor to pass to the next call.
  package var cursor: EventCursor
  /// Whether the batch contains everything available; false if it was cut at the limit of points.
  package var isWhole: Bool

  /// Events up to a cursor.
  package init(events: [EngineEvent], cursor: EventCursor, isWhole: Bool = true) {
    self.events = events
    self.cursor = cursor
    self.isWhole = isWhole
  }
}

/// A reader's position in the engine's record.
package struct EventCursor: Hashable, Codable, Sendable {
  /// Number of events read, not counting points.
  package var eventCount: Int
  /// Number of points read of each series.
  package var pointCounts: [SeriesKey: Int]

  /// Whether points are skipped, for a reader that needs events only.
  package let leavesPointsOut: Bool

  /// Whether the older points of a long series may be summarized, as `EngineEvent.sketch`.
  package let takesSketches: Bool

  /// The beginning.
  package init() { self.init(leavesPointsOut: false) }

  private init(leavesPointsOut: Bool = false, takesSketches: Bool = false) {
    eventCount = 0
    pointCounts = [:]
    self.leavesPointsOut = leavesPointsOut
    self.takesSketches = takesSketches
  }

  /// The beginning, without points: for a reader that shows no charts.
  package static let withoutPoints = EventCursor(leavesPointsOut: true)

  /// The beginning, with long series summarized: for a reader that draws charts.
  package static let withSketches = EventCursor(takesSketches: true)
}

/// Identifies a metric series of a run by lane, branch and metric.
package struct SeriesKey: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch.
  package var branch: Int
  /// What is measured.
  package var key: MetricKey

  /// The series of a lane's branch.
  package init(lane: String, branch: Int, _ key: MetricKey) {
    self.lane = lane
    self.branch = branch
    self.key = key
  }
}

/// No engine, for screens that show no training: it has no run, and ignores commands.
package final class NoEngine: EngineClient {
  package init() {}

  package func nextCommandID() -> CommandID { CommandID(1) }
  package func send(_ command: EngineCommand, as id: CommandID) {}
  package func snapshot() -> Snapshot { Snapshot() }
  package func events(after cursor: EventCursor) -> EventBatch { EventBatch(events: [], cursor: cursor) }
}
