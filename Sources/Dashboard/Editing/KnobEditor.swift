package import EngineProtocol

/// The changes of hyperparameters under way, and those that can be undone.
///
/// An arrow key only drafts a value; it is sent once the keys have rested, so that ten presses are one command, one
/// line in the journal and one mark on the charts. Times are seconds of any clock that does not go back.
package struct KnobEditor: Sendable {
  /// How long the keys must rest.
  package static let restTime = 0.35
  /// How long an answer is shown as news.
  package static let newsTime = 4.0

  /// The changes under way or just answered.
  package private(set) var states: [Knob: KnobState] = [:]

  // A change of one lane's value or of several lanes', made by one or more commands.
  private struct Change {
    var number: Int?
    var entries: [JournalEntry]
  }

  // What undo puts back, the newest change last.
  private var history: [Change] = []
  // What undo has put back and redo does again, the last one last.
  private var future: [Change] = []
  // Which change a command belongs to; what undoes or redoes one is none.
  private var changes: [CommandID: Int] = [:]
  private var changeCount = 0

  /// An editor with nothing under way.
  package init() {}

  /// The value that an arrow key starts from: the one wanted last, or the lane's own.
  package func value(of knob: Knob, in lane: LaneModel) -> HyperparameterValue? {
    states[knob]?.value ?? lane.value(of: knob.hyperparameter)
  }

  /// Drafts a value for a hyperparameter of `lanes`.
  package mutating func draft(_ value: HyperparameterValue, of knobs: [Knob], now: Double) {
    for knob in knobs { states[knob] = .draft(value, commitAt: now + Self.restTime) }
  }

  /// Drops the drafts.
  /// - Returns: whether there was one.
  package mutating func dropDrafts() -> Bool {
    let drafts = states.filter { if case .draft = $0.value { true } else { false } }
    for knob in drafts.keys { states[knob] = nil }
    return !drafts.isEmpty
  }

  /// Whether there is something to undo: a draft, or a change.
  package var canUndo: Bool {
    !history.isEmpty || states.values.contains { if case .draft = $0 { true } else { false } }
  }

  /// Whether something was undone that can be done again.
  package var canRedo: Bool { !future.isEmpty }

  /// Sends the drafts that are due. A draft that has come back to the lane's own value changes nothing and is dropped.
  /// - Parameter send: sends a command, and gives its ID.
  package mutating func commitDrafts(
    dueBy now: Double, allLanes: [LaneModel], isChanging: Bool, send: (EngineCommand) -> CommandID
  ) {
    var due: [Hyperparameter: [(lane: String, value: HyperparameterValue)]] = [:]
    for (knob, state) in states {
      guard case .draft(let value, let commitAt) = state, commitAt <= now else { continue }
      let lane = allLanes.first { $0.name == knob.lane }
      // While a change is under way the lane's own value is about to be another.
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

  /// Gives `value` to `lanes`, by one command where they are all there are.
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

  /// Takes back the last change not yet taken back.
  /// - Returns: whether there was one.
  package mutating func undo(send: (EngineCommand) -> CommandID) -> Bool {
    guard let change = history.popLast() else { return false }
    future.append(change)
    repeated(change, send) { old, _ in old }
    return true
  }

  /// Does again what was undone last.
  /// - Returns: whether something was, and nothing was changed since.
  package mutating func redo(send: (EngineCommand) -> CommandID) -> Bool {
    guard let change = future.popLast() else { return false }
    history.append(Change(number: nil, entries: change.entries))
    repeated(change, send) { _, new in new }
    return true
  }

  // Sends a change's old values, or its new ones.
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

  /// Takes in that a change took effect.
  package mutating func didApply(_ id: CommandID, _ entry: JournalEntry, now: Double) {
    guard case .set(let hyperparameter, _, let new) = entry.change else { return }
    let knob = Knob(entry.lane, hyperparameter)
    if isAnswered(states[knob], by: id) {
      states[knob] = .applied(new, step: entry.step, until: now + Self.newsTime)
    }
    // What others change is theirs to take back.
    guard let number = changes[id] else { return }
    future = []
    if let last = history.last, last.number == number {
      history[history.count - 1].entries.append(entry)
    } else {
      history.append(Change(number: number, entries: [entry]))
    }
  }

  /// Takes in that a change was refused.
  package mutating func didRefuse(_ id: CommandID, now: Double) {
    for (knob, state) in states {
      guard case .sent(let value, id) = state else { continue }
      states[knob] = .refused(value, until: now + Self.newsTime)
    }
  }

  /// Forgets news that is over.
  /// - Returns: whether there was any.
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

  /// When something is due next: a draft to be sent, news to be forgotten.
  package var deadline: Double? {
    states.values.compactMap { state in
      switch state {
      case .draft(_, let time), .applied(_, _, let time), .refused(_, let time): time
      case .sent: nil
      }
    }.min()
  }

  /// Whether an answer is awaited.
  package var isAwaitingAnswer: Bool {
    states.values.contains { if case .sent = $0 { true } else { false } }
  }

  // A newer draft or command for the same place stays; its own answer is still to come.
  private func isAnswered(_ state: KnobState?, by id: CommandID) -> Bool {
    switch state {
    case .draft: false
    case .sent(_, let sent): sent == id
    case .applied, .refused, nil: true
    }
  }
}

/// A hyperparameter of one lane: a place in the panel of hyperparameters.
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

/// How a hyperparameter's change stands.
package enum KnobState: Hashable, Sendable {
  /// Chosen with the arrows, sent when they have rested until `commitAt`.
  case draft(HyperparameterValue, commitAt: Double)
  /// Sent by that command, not yet answered.
  case sent(HyperparameterValue, CommandID)
  /// In effect from `step` on; shown as news until `until`.
  case applied(HyperparameterValue, step: Int, until: Double)
  /// Refused; shown as news until `until`.
  case refused(HyperparameterValue, until: Double)

  /// The value that the person wants or got; nil after a refusal.
  package var value: HyperparameterValue? {
    switch self {
    case .draft(let value, _), .sent(let value, _), .applied(let value, _, _): value
    case .refused: nil
    }
  }
}
