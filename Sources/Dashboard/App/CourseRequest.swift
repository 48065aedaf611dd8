import EngineProtocol

/// What lanes were asked to do and have not told that they do: shown at once, so that a key is seen to work.
struct CourseRequest: Hashable, Sendable {
  /// What was asked.
  enum Course: String, Hashable, Sendable {
    case pausing
    case goingOn = "going on"
    case stepping
  }

  /// What was asked.
  let course: Course
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
