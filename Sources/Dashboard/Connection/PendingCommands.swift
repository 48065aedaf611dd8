package import EngineProtocol

/// Commands that were sent and not yet answered. Each has an ID that is chosen here before sending.
///
/// Some commands change nothing and are never answered; these expire. Times are seconds of any monotonic clock.
package struct PendingCommands: Sendable {
  /// Seconds for which an answer is expected.
  static let patience = 3.0
  /// Seconds for which lanes are expected to follow a command; one may be in the middle of a validation.
  static let coursePatience = 10.0
  /// Seconds for which the engine is still polled quickly after an answer: other lanes may answer too, and the snapshot
  /// with the result follows.
  static let watchAfterAnswer = 0.3

  /// How long to wait for an answer.
  private enum Wait {
    /// Until that time, polling the engine quickly.
    case answer(until: Double)
    /// As long as the work takes.
    case work
  }

  private struct Entry {
    let command: EngineCommand
    var wait: Wait
    var isAnswered = false
  }

  private let first: CommandID
  /// The ID of the next command.
  private(set) var next: CommandID
  private var entries: [CommandID: Entry] = [:]

  /// What lanes were last told to do but have not confirmed; nil if there is nothing.
  package private(set) var course: CourseRequest?

  /// No commands.
  /// - Parameter first: the ID of the first command; later ones follow it.
  package init(first: CommandID) { (self.first, next) = (first, first) }

  // MARK: Sending

  /// Assigns an ID to a command that is about to be sent.
  mutating func add(_ command: EngineCommand, now: Double) -> CommandID {
    defer { next = next.successor }
    switch command {
    case .describeCatalog, .start, .download, .packLane, .timeLane, .exportLane, .inspectLane, .classifyLane,
      .answerImage, .findRate, .compareMoments, .readWeights:
      entries[next] = Entry(command: command, wait: .work)
    // What is cancelled answers instead.
    case .cancelDownload, .cancelDeployment: break
    case .pause, .resume, .singleStep, .runToEpoch, .stop, .set, .checkpoint, .rewind, .fork, .note, .suspend, .reopen,
      .points:
      entries[next] = Entry(command: command, wait: .answer(until: now + Self.patience))
      course = CourseRequest(command, next, until: now + Self.coursePatience) ?? course
    }
    return next
  }

  /// Returns whether a command was sent by this client.
  package func isOwn(_ id: CommandID) -> Bool {
    id.client == first.client && id.rawValue >= first.rawValue && id.rawValue < next.rawValue
  }

  // MARK: Answers

  /// Handles that a command took effect in a lane.
  mutating func didApply(_ id: CommandID, now: Double) {
    course?.didAnswer(id)
    guard entries[id] != nil else { return }
    entries[id]?.isAnswered = true
    entries[id]?.wait = .answer(until: now + Self.watchAfterAnswer)
  }

  /// Handles that a command was refused.
  /// - Returns: the command; nil if another client sent it.
  mutating func didRefuse(_ id: CommandID) -> EngineCommand? {
    if course?.id == id { course = nil }
    return entries.removeValue(forKey: id)?.command
  }

  /// Handles that a command's work has ended.
  mutating func didEnd(_ id: CommandID) { entries[id] = nil }

  /// Handles that lanes have started or could not start, whoever requested it.
  mutating func didStart() { remove { if case .start = $0 { true } else { false } } }

  /// Handles that a catalog has arrived, whoever requested it.
  mutating func didDescribeCatalog() { remove { if case .describeCatalog = $0 { true } else { false } } }

  private mutating func remove(_ isMeant: (EngineCommand) -> Bool) {
    entries = entries.filter { !isMeant($0.value.command) }
  }

  /// Updates what is outstanding with the lanes' state.
  mutating func settle(in model: DashboardModel) { if course?.isFulfilled(in: model) == true { course = nil } }

  /// Removes expired entries.
  /// - Returns: whether lanes are no longer expected to follow a command.
  mutating func expire(now: Double) -> Bool {
    entries = entries.filter { _, entry in
      switch entry.wait {
      case .work: true
      // A change of a value is always answered eventually.
      case .answer(let until): until > now || entry.command.isChange && !entry.isAnswered
      }
    }
    guard let course, course.until <= now else { return false }
    self.course = nil
    return true
  }

  // MARK: Queries

  /// Whether an answer is expected soon.
  var awaitsAnswer: Bool {
    course != nil || entries.values.contains { if case .answer = $0.wait { true } else { false } }
  }

  /// Returns whether a command of a kind is outstanding.
  func contains(_ isOfKind: (EngineCommand) -> Bool) -> Bool { entries.values.contains { isOfKind($0.command) } }

  /// Whether a start was requested that has neither begun nor failed.
  var isStarting: Bool { contains { if case .start = $0 { true } else { false } } }
  /// Whether a download was requested that has not ended.
  var isDownloading: Bool { contains { if case .download = $0 { true } else { false } } }
  /// Whether work of unknown duration is outstanding.
  var awaitsWork: Bool { entries.values.contains { if case .work = $0.wait { true } else { false } } }
  /// Whether changes of values are outstanding.
  var isChanging: Bool { entries.values.contains { $0.command.isChange && !$0.isAnswered } }
}

extension EngineCommand {
  /// Whether it changes a hyperparameter.
  fileprivate var isChange: Bool { if case .set = self { true } else { false } }
}

/// What lanes were told to do but have not confirmed. It is shown immediately, as feedback to the key.
package struct CourseRequest: Hashable, Sendable {
  /// The request.
  package enum Course: String, Hashable, Sendable {
    case pausing
    case goingOn = "going on"
    case stepping
  }

  /// The request.
  package let course: Course
  /// The command that requested it.
  let id: CommandID
  /// When it expires.
  let until: Double
  private let lanes: LaneSelection
  private var isAnswered = false

  /// What a command tells lanes to do; nil if it is not of that kind.
  init?(_ command: EngineCommand, _ id: CommandID, until: Double) {
    switch command {
    case .pause(let lanes): (course, self.lanes) = (.pausing, lanes)
    case .resume(let lanes): (course, self.lanes) = (.goingOn, lanes)
    case .singleStep(let lanes): (course, self.lanes) = (.stepping, lanes)
    default: return nil
    }
    self.id = id
    self.until = until
  }

  /// Handles the answer to a command.
  mutating func didAnswer(_ id: CommandID) { if id == self.id { isAnswered = true } }

  /// Returns whether the lanes do what was requested.
  func isFulfilled(in model: DashboardModel) -> Bool {
    let isPaused =
      if case .lane(let name) = lanes, let index = model.index(of: name) {
        model.lanes[index].state == .paused || model.lanes[index].state.hasEnded
      } else {
        model.isPaused
      }
    return switch course {
    case .pausing: isPaused || !model.isBusy
    case .goingOn: !isPaused
    case .stepping: isAnswered
    }
  }
}
