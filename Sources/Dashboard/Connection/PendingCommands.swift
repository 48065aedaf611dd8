package import EngineProtocol

/// The commands that were sent and are not answered yet. Each bears an ID that is chosen here before it is sent.
///
/// Some commands are never answered, as they change nothing: those are awaited for a while. Times are seconds of any clock
/// that does not go back.
package struct PendingCommands: Sendable {
  /// For how long a command's answer is awaited.
  static let patience = 3.0
  /// For how long lanes are expected to do what they were asked: one may be in the middle of a validation.
  static let coursePatience = 10.0
  /// For how long the engine is watched after an answer: other lanes may answer too, and the snapshot that shows what
  /// came of it follows.
  static let watchAfterAnswer = 0.3

  /// How a command's answer is awaited.
  private enum Wait {
    /// Until that time; the engine is asked often.
    case answer(until: Double)
    /// However long the work takes that it began.
    case work
  }

  private struct Entry {
    let command: EngineCommand
    var wait: Wait
    var isAnswered = false
  }

  private let first: CommandID
  /// The ID of the command that is sent next.
  private(set) var next: CommandID
  private var entries: [CommandID: Entry] = [:]

  /// What lanes were asked to do last and have not told that they do; nil where they do it.
  package private(set) var course: CourseRequest?

  /// No command sent yet.
  /// - Parameter first: the ID of the first one; those of the others follow it.
  package init(first: CommandID) { (self.first, next) = (first, first) }

  // MARK: Sending

  /// Chooses the ID of a command, which is about to be sent.
  mutating func add(_ command: EngineCommand, now: Double) -> CommandID {
    defer { next = next.successor }
    switch command {
    case .describeCatalog, .start, .download: entries[next] = Entry(command: command, wait: .work)
    // The download that it ends answers.
    case .cancelDownload: break
    case .pause, .resume, .singleStep, .runToEpoch, .stop, .set, .checkpoint, .rewind, .fork, .suspend, .reopen,
      .points:
      entries[next] = Entry(command: command, wait: .answer(until: now + Self.patience))
      course = CourseRequest(command, next, until: now + Self.coursePatience) ?? course
    }
    return next
  }

  /// Whether a command was sent from here, to tell it from other people's.
  package func isOwn(_ id: CommandID) -> Bool {
    id.client == first.client && id.rawValue >= first.rawValue && id.rawValue < next.rawValue
  }

  // MARK: Answers

  /// Takes in that a command took effect in a lane.
  mutating func didApply(_ id: CommandID, now: Double) {
    course?.didAnswer(id)
    guard entries[id] != nil else { return }
    entries[id]?.isAnswered = true
    entries[id]?.wait = .answer(until: now + Self.watchAfterAnswer)
  }

  /// Takes in that a command was refused.
  /// - Returns: the command; nil where it was not sent from here.
  mutating func didRefuse(_ id: CommandID) -> EngineCommand? {
    if course?.id == id { course = nil }
    return entries.removeValue(forKey: id)?.command
  }

  /// Takes in that a command's work has ended.
  mutating func didEnd(_ id: CommandID) { entries[id] = nil }

  /// Takes in that the lanes have begun, or cannot: whoever asked for it.
  mutating func didStart() { remove { if case .start = $0 { true } else { false } } }

  /// Takes in what can be trained: whoever asked for it.
  mutating func didDescribeCatalog() { remove { if case .describeCatalog = $0 { true } else { false } } }

  private mutating func remove(_ isMeant: (EngineCommand) -> Bool) {
    entries = entries.filter { !isMeant($0.value.command) }
  }

  /// Takes in how the lanes stand now.
  mutating func settle(in model: DashboardModel) { if course?.isFulfilled(in: model) == true { course = nil } }

  /// Gives up what was awaited for long enough.
  /// - Returns: whether the lanes are no longer expected to do what they were asked.
  mutating func expire(now: Double) -> Bool {
    entries = entries.filter { _, entry in
      switch entry.wait {
      case .work: true
      // A change of a value is always answered in the end.
      case .answer(let until): until > now || entry.command.isChange && !entry.isAnswered
      }
    }
    guard let course, course.until <= now else { return false }
    self.course = nil
    return true
  }

  // MARK: What is awaited

  /// Whether the engine owes an answer that comes soon.
  var awaitsAnswer: Bool {
    course != nil || entries.values.contains { if case .answer = $0.wait { true } else { false } }
  }

  /// Whether a command of a kind is under way.
  func contains(_ isOfKind: (EngineCommand) -> Bool) -> Bool { entries.values.contains { isOfKind($0.command) } }

  /// Whether a start is on its way, neither begun nor failed.
  var isStarting: Bool { contains { if case .start = $0 { true } else { false } } }
  /// Whether a data set was asked for that has not come.
  var isDownloading: Bool { contains { if case .download = $0 { true } else { false } } }
  /// Whether work was begun that takes as long as it takes.
  var awaitsWork: Bool { entries.values.contains { if case .work = $0.wait { true } else { false } } }
  /// Whether changes of values are on their way.
  var isChanging: Bool { entries.values.contains { $0.command.isChange && !$0.isAnswered } }
}

extension EngineCommand {
  /// Whether it changes a hyperparameter.
  fileprivate var isChange: Bool { if case .set = self { true } else { false } }
}

/// What lanes were asked to do and have not told that they do: shown at once, so that a key is seen to work.
package struct CourseRequest: Hashable, Sendable {
  /// What was asked.
  package enum Course: String, Hashable, Sendable {
    case pausing
    case goingOn = "going on"
    case stepping
  }

  /// What was asked.
  package let course: Course
  /// The command that asked it.
  let id: CommandID
  /// When it is no longer waited for.
  let until: Double
  private let lanes: LaneSelection
  private var isAnswered = false

  /// What a command asks of the lanes; nil where it is not about their course.
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

  /// Takes in that a command was answered.
  mutating func didAnswer(_ id: CommandID) { if id == self.id { isAnswered = true } }

  /// Whether the lanes do what was asked.
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
