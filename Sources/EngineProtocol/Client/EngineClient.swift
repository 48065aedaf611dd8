package import TrainingMetrics

/// All that a dashboard, a script or a test knows of an engine, wherever it runs.
///
/// Nothing is queued for a reader: events and points are in the engine's record, and each reader asks from its own
/// cursor on. A slow reader gets more at once; the engine never waits.
package protocol EngineClient: AnyObject, Sendable {
  /// An ID for a command of this client: another at each call, and those that follow it in order are as good.
  func nextCommandID() -> CommandID
  /// Sends a command under an ID of the sender's choice; the events that answer it bear that ID.
  func send(_ command: EngineCommand, as id: CommandID)
  /// How things stand now.
  func snapshot() -> Snapshot
  /// All events since `cursor`, points of metric series included, and the cursor to ask from next.
  func events(after cursor: EventCursor) -> EventBatch
  /// For how many seconds the engine owes an answer; 0 if it owes none.
  var silence: Double { get }
}

extension EngineClient {
  /// Sends a command under the next ID, for a sender that has not chosen one.
  @discardableResult
  package func send(_ command: EngineCommand) -> CommandID {
    let id = nextCommandID()
    send(command, as: id)
    return id
  }

  /// An engine in this process is never silent.
  package var silence: Double { 0 }
}

/// An engine that can be served to clients outside its process.
package protocol HostedEngine: EngineClient {
  /// Carries out a client's command.
  /// - Parameters:
  ///   - id: the name under which the command is answered.
  ///   - origin: who asks, for the journal.
  func perform(_ command: EngineCommand, as id: CommandID, origin: String)
  /// Whether the run was suspended by `EngineCommand.suspend`: there is nothing more to do.
  var isSuspended: Bool { get }
  /// As `events(after:)`, with at most so many points of a series at once.
  func events(after cursor: EventCursor, mostPoints: Int) -> EventBatch
  /// Where a reader stands that wants only what happens from now on.
  /// - Parameter cursor: the reader's beginning.
  func end(of cursor: EventCursor) -> EventCursor
  /// The points that a client asks for, as they were measured.
  /// - Throws: where they can't be read.
  func points(_ request: PointsRequest) throws -> [MetricPoint]
  /// How many clients are connected now.
  func setClientCount(_ count: Int)
}

extension HostedEngine {
  package func points(_ request: PointsRequest) throws -> [MetricPoint] { [] }

  package func events(after cursor: EventCursor, mostPoints: Int) -> EventBatch { events(after: cursor) }

  package func end(of cursor: EventCursor) -> EventCursor { events(after: cursor).cursor }
}

/// Events in order, and where the next ones begin.
package struct EventBatch: Hashable, Codable, Sendable {
  /// The events.
  package var events: [EngineEvent]
  /// Ask from here next.
  package var cursor: EventCursor
  /// Whether these are all that there were; false where there are more than were asked for at once.
  package var isWhole: Bool

  /// Events up to a cursor.
  package init(events: [EngineEvent], cursor: EventCursor, isWhole: Bool = true) {
    self.events = events
    self.cursor = cursor
    self.isWhole = isWhole
  }
}

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

/// Names a metric series of a run: the lane's, in one of its branches.
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
