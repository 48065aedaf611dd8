package import EngineProtocol

/// Pending changes of hyperparameters, and the undo history.
///
/// An arrow key only drafts a value, which is sent after a short time without further keys, so that ten presses become
/// one command, one journal entry and one mark on the charts. Times are seconds of any monotonic clock.
package struct KnobEditor: Sendable {
  /// Seconds without keys after which a draft is sent.
  package static let restTime = 0.35
  /// Seconds for which an answer is highlighted.
  package static let newsTime = 4.0

  /// Changes that are pending or were just answered.
  package private(set) var states: [Knob: KnobState] = [:]

  // A change of one or several lanes' values, made by one or more commands.
  private struct Change {
    var number: Int?
    var entries: [JournalEntry]
  }

  // Changes that can be undone, newest last.
  private var history: [Change] = []
  // Undone changes that can be redone, newest last.
  private var future: [Change] = []
  // The change that a command belongs to; undo and redo are not changes.
  private var changes: [CommandID: Int] = [:]
  private var changeCount = 0

  /// An editor without changes.
  package init() {}

  /// Returns the value from which an arrow key starts: the last requested one, or the lane's own.
  package func value(of knob: Knob, in lane: LaneModel) -> HyperparameterValue? {
    states[knob]?.value ?? lane.value(of: knob.hyperparameter)
  }

  /// Drafts a value for a hyperparameter of `lanes`.
  package mutating func draft(_ value: HyperparameterValue, of knobs: [Knob], now: Double) {
    for knob in knobs { states[knob] = .draft(value, commitAt: now + Self.restTime) }
  }

  /// Discards the drafts.
  /// - Returns: whether there was one.
  package mutating func dropDrafts() -> Bool {
    let drafts = states.filter { if case .draft = $0.value { true } else { false } }
    for knob in drafts.keys { states[knob] = nil }
    return !drafts.isEmpty
  }

  /// Whether there is a draft or a change to undo.
  package var canUndo: Bool {
    !history.isEmpty || states.values.contains { if case .draft = $0 { true } else { false } }
  }

  /// Whether there is an undone change to redo.
  package var canRedo: Bool { !future.isEmpty }

  /// Sends the drafts that are due. A draft that equals the lane's own value is discarded.
  /// - Parameter send: sends a command and returns its ID.
  package mutating func commitDrafts(
    dueBy now: Double, allLanes: [LaneModel], isChanging: Bool, send: (EngineCommand) -> CommandID
  ) {
    var due: [Hyperparameter: [(lane: String, value: HyperparameterValue)]] = [:]
    for (knob, state) in states {
      guard case .draft(let value, let commitAt) = state, commitAt <= now else { continue }
      let lane = allLanes.first { $0.name == knob.lane }
      // While a change is outstanding, the lane's own value is about to change.
      if !isChanging, lane?.value(of: knob.hyperparameter) == value {
        states[knob] = nil
        continue
      }
      due[knob.hyperparameter, default: []].append((knob.lane, value))
    }
    for (hyperparameter, changes) in due.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let lanes = allLanes.map(\.name).filter { name in changes.contains { $0.lane == name } }
      let values = Dictionary(changes.map { ($0.lane, $0.value) }, uniquingKeysWith: { $1 })
      if let value = values[lanes.first ?? ""], lanes.count == allLanes.count, Set(values.values).count == 1 {
        change(hyperparameter, [(nil, value)], of: lanes, send)
      } else {
        change(hyperparameter, lanes.compactMap { name in values[name].map { (name, $0) } }, of: lanes, send)
      }
    }
  }

  /// Sets `value` in `lanes`, with a single command if these are all lanes.
  package mutating func set(
    _ hyperparameter: Hyperparameter, to value: HyperparameterValue, lanes: [String], of laneCount: Int,
    send: (EngineCommand) -> CommandID
  ) {
    change(hyperparameter, lanes.count == laneCount ? [(nil, value)] : lanes.map { ($0, value) }, of: lanes, send)
  }

  private mutating func change(
    _ hyperparameter: Hyperparameter, _ values: [(lane: String?, value: HyperparameterValue)], of lanes: [String],
    _ send: (EngineCommand) -> CommandID
  ) {
    changeCount += 1
    for (lane, value) in values {
      let id = send(.set(hyperparameter, value, lane.map(LaneSelection.lane) ?? .all))
      changes[id] = changeCount
      for name in lane.map({ [$0] }) ?? lanes { states[Knob(name, hyperparameter)] = .sent(value, id) }
    }
  }

  /// Undoes the last change that was not undone yet.
  /// - Returns: whether there was one.
  package mutating func undo(send: (EngineCommand) -> CommandID) -> Bool {
    guard let change = history.popLast() else { return false }
    future.append(change)
    repeated(change, send) { old, _ in old }
    return true
  }

  /// Redoes the change that was undone last.
  /// - Returns: whether there was one, with no newer change since.
  package mutating func redo(send: (EngineCommand) -> CommandID) -> Bool {
    guard let change = future.popLast() else { return false }
    history.append(Change(number: nil, entries: change.entries))
    repeated(change, send) { _, new in new }
    return true
  }

  // Sends the old or the new values of a change again.
  private mutating func repeated(
    _ change: Change, _ send: (EngineCommand) -> CommandID,
    _ choice: (HyperparameterValue, HyperparameterValue) -> HyperparameterValue
  ) {
    for entry in change.entries {
      guard case .set(let hyperparameter, let old, let new) = entry.change else { continue }
      let value = choice(old, new)
      let id = send(.set(hyperparameter, value, .lane(entry.lane)))
      states[Knob(entry.lane, hyperparameter)] = .sent(value, id)
    }
  }

  /// Handles that a change took effect.
  package mutating func didApply(_ id: CommandID, _ entry: JournalEntry, now: Double) {
    guard case .set(let hyperparameter, _, let new) = entry.change else { return }
    let knob = Knob(entry.lane, hyperparameter)
    if isAnswered(states[knob], by: id) {
      states[knob] = .applied(new, step: entry.step, until: now + Self.newsTime)
    }
    // Other clients' changes are not part of this undo history.
    guard let number = changes[id] else { return }
    future = []
    if let last = history.last, last.number == number {
      history[history.count - 1].entries.append(entry)
    } else {
      history.append(Change(number: number, entries: [entry]))
    }
  }

  /// Handles that a change was refused.
  package mutating func didRefuse(_ id: CommandID, now: Double) {
    for (knob, state) in states {
      guard case .sent(let value, id) = state else { continue }
      states[knob] = .refused(value, until: now + Self.newsTime)
    }
  }

  /// Removes expired highlights.
  /// - Returns: whether there were any.
  package mutating func expire(now: Double) -> Bool {
    let before = states.count
    states = states.filter { _, state in
      switch state {
      case .applied(_, _, let until), .refused(_, let until): until > now
      case .draft, .sent: true
      }
    }
    return states.count != before
  }

  /// When something is due next: a draft to send, or a highlight to remove.
  package var deadline: Double? {
    states.values.compactMap { state in
      switch state {
      case .draft(_, let time), .applied(_, _, let time), .refused(_, let time): time
      case .sent: nil
      }
    }.min()
  }

  /// Whether an answer is outstanding.
  package var isAwaitingAnswer: Bool {
    states.values.contains { if case .sent = $0 { true } else { false } }
  }

  // A newer draft or command for the same value stays, because its answer is still to come.
  private func isAnswered(_ state: KnobState?, by id: CommandID) -> Bool {
    switch state {
    case .draft: false
    case .sent(_, let sent): sent == id
    case .applied, .refused, nil: true
    }
  }
}

/// A hyperparameter of one lane: a cell in the panel of hyperparameters.
package struct Knob: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The hyperparameter.
  package var hyperparameter: Hyperparameter

  /// A hyperparameter of a lane.
  package init(_ lane: String, _ hyperparameter: Hyperparameter) {
    self.lane = lane
    self.hyperparameter = hyperparameter
  }
}

/// The state of a change.
package enum KnobState: Hashable, Sendable {
  /// Drafted with the arrow keys, and sent at `commitAt` unless changed again.
  case draft(HyperparameterValue, commitAt: Double)
  /// Sent with this command, not yet answered.
  case sent(HyperparameterValue, CommandID)
  /// In effect from `step` on; highlighted until `until`.
  case applied(HyperparameterValue, step: Int, until: Double)
  /// Refused; highlighted until `until`.
  case refused(HyperparameterValue, until: Double)

  /// The requested or applied value; nil after a refusal.
  package var value: HyperparameterValue? {
    switch self {
    case .draft(let value, _), .sent(let value, _), .applied(let value, _, _): value
    case .refused: nil
    }
  }
}
