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
  // What undo puts back: the entries of one change, of one lane or several, newest change last.
  private var history: [[JournalEntry]] = []
  // Commands of the same number are one change.
  private var groups: [CommandID: Int] = [:]
  private var historyGroups: [Int?] = []
  // What undo has put back and redo does again, the last one last.
  private var future: [[JournalEntry]] = []
  // Changes that were sent and have no answer yet.
  private var unanswered: Set<CommandID> = []
  private var undoing: Set<EngineCommand> = []
  private var undoIDs: Set<CommandID> = []
  private var groupCount = 0
  private var groupOfCommand: [EngineCommand: Int] = [:]

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

  /// The commands of all drafts that are due; they count as sent. A draft that has come back to the lane's own value
  /// changes nothing and is dropped.
  package mutating func commitDrafts(dueBy now: Double, allLanes: [LaneModel]) -> [EngineCommand] {
    var due: [Hyperparameter: [(lane: String, value: HyperparameterValue)]] = [:]
    for (knob, state) in states {
      guard case .draft(let value, let commitAt) = state, commitAt <= now else { continue }
      let lane = allLanes.first { $0.name == knob.lane }
      if unanswered.isEmpty, lane?.value(of: knob.hyperparameter) == value {
        states[knob] = nil
        continue
      }
      due[knob.hyperparameter, default: []].append((knob.lane, value))
    }
    return due.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { hyperparameter, changes in
      let lanes = allLanes.map(\.name).filter { name in changes.contains { $0.lane == name } }
      let values = Dictionary(changes.map { ($0.lane, $0.value) }, uniquingKeysWith: { $1 })
      if let value = values[lanes.first ?? ""], lanes.count == allLanes.count, Set(values.values).count == 1 {
        return send(hyperparameter, [(nil, value)], to: lanes)
      }
      return send(hyperparameter, lanes.compactMap { name in values[name].map { (name, $0) } }, to: lanes)
    }
  }

  /// The commands that give `value` to `lanes`; one for all where they are all there are.
  package mutating func set(
    _ hyperparameter: Hyperparameter, to value: HyperparameterValue, lanes: [String], of laneCount: Int
  ) -> [EngineCommand] {
    if lanes.count == laneCount { return send(hyperparameter, [(nil, value)], to: lanes) }
    return send(hyperparameter, lanes.map { ($0, value) }, to: lanes)
  }

  /// The commands that take back the last change not yet taken back; empty when there is none.
  package mutating func undo() -> [EngineCommand] {
    guard let entries = history.popLast() else { return [] }
    _ = historyGroups.popLast()
    future.append(entries)
    return repeated(entries) { old, _ in old }
  }

  /// The commands that do again what was undone last; empty when nothing was, or something was changed since.
  package mutating func redo() -> [EngineCommand] {
    guard let entries = future.popLast() else { return [] }
    history.append(entries)
    historyGroups.append(nil)
    return repeated(entries) { _, new in new }
  }

  // A change's commands, to its old values or its new ones.
  private mutating func repeated(
    _ entries: [JournalEntry], _ choice: (HyperparameterValue, HyperparameterValue) -> HyperparameterValue
  ) -> [EngineCommand] {
    groupCount += 1
    return entries.compactMap { entry in
      guard case .set(let hyperparameter, let old, let new) = entry.change else { return nil }
      let value = choice(old, new)
      let command = EngineCommand.set(hyperparameter, value, .lane(entry.lane))
      states[Knob(entry.lane, hyperparameter)] = .sent(value, command: command, id: nil)
      groupOfCommand[command] = groupCount
      undoing.insert(command)
      return command
    }
  }

  /// Notes under which name a command was sent.
  package mutating func didSend(_ command: EngineCommand, as id: CommandID) {
    guard case .set = command else { return }
    groups[id] = groupOfCommand[command]
    unanswered.insert(id)
    if undoing.remove(command) != nil { undoIDs.insert(id) }
    for (knob, state) in states {
      guard case .sent(let value, command, nil) = state else { continue }
      states[knob] = .sent(value, command: command, id: id)
    }
  }

  /// Takes in that a change took effect.
  package mutating func didApply(_ id: CommandID, _ entry: JournalEntry, now: Double) {
    unanswered.remove(id)
    guard case .set(let hyperparameter, _, let new) = entry.change else { return }
    let knob = Knob(entry.lane, hyperparameter)
    if isAnswered(states[knob], by: id) {
      states[knob] = .applied(new, step: entry.step, until: now + Self.newsTime)
    }
    // What others change is theirs to take back.
    guard !undoIDs.contains(id), groups[id] != nil else { return }
    future = []
    if let group = groups[id], historyGroups.last == group {
      history[history.count - 1].append(entry)
    } else {
      history.append([entry])
      historyGroups.append(groups[id])
    }
  }

  /// Takes in that a change was refused.
  package mutating func didRefuse(_ id: CommandID, now: Double) {
    unanswered.remove(id)
    for (knob, state) in states {
      guard case .sent(let value, _, id) = state else { continue }
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
    case .sent(_, _, let sent): sent == nil || sent == id
    case .applied, .refused, nil: true
    }
  }

  private mutating func send(
    _ hyperparameter: Hyperparameter, _ changes: [(lane: String?, value: HyperparameterValue)], to lanes: [String]
  ) -> [EngineCommand] {
    groupCount += 1
    return changes.map { lane, value in
      let command = EngineCommand.set(hyperparameter, value, lane.map(LaneSelection.lane) ?? .all)
      for name in lane.map({ [$0] }) ?? lanes {
        states[Knob(name, hyperparameter)] = .sent(value, command: command, id: nil)
      }
      groupOfCommand[command] = groupCount
      return command
    }
  }
}
