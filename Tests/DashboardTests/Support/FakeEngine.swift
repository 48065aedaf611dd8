import EngineProtocol
import Synchronization
import TrainingMetrics

/// An engine that answers like the real one and trains by formula, when it is told to and no further.
final class FakeEngine: EngineClient {
  private struct State {
    var events: [EngineEvent] = []
    var commands: [EngineCommand] = []
    var phase = Snapshot.Phase.idle
    var lanes: [FakeLane] = []
    var count = 0
    var refusal: String?
    var unanswered: [(CommandID, EngineCommand)] = []
  }

  private let state = Mutex(State())
  private let fixture: Fixture
  /// Whether commands are answered as soon as they are sent.
  let answersAtOnce: Bool

  init(_ fixture: Fixture = .pair, answersAtOnce: Bool = true) {
    self.fixture = fixture
    self.answersAtOnce = answersAtOnce
  }

  /// What was sent, in order.
  var commands: [EngineCommand] { state.withLock { $0.commands } }

  @discardableResult
  func send(_ command: EngineCommand) -> CommandID {
    state.withLock { state in
      state.count += 1
      state.commands.append(command)
      let id = CommandID(state.count)
      if answersAtOnce || isStart(command) {
        answer(command, id, &state)
      } else {
        state.unanswered.append((id, command))
      }
      return id
    }
  }

  func snapshot() -> Snapshot {
    state.withLock { state in
      Snapshot(
        phase: state.phase, seconds: state.lanes.map(\.snapshot.trainingSeconds).max() ?? 0,
        lanes: state.lanes.map(\.snapshot))
    }
  }

  func events(after cursor: EventCursor) -> EventBatch {
    state.withLock { state in
      collect(&state)
      var next = cursor
      next.eventCount = state.events.count
      return EventBatch(events: Array(state.events.dropFirst(cursor.eventCount)), cursor: next)
    }
  }

  /// Lets the lanes start: what `start` prepares is ready.
  func makeReady() {
    state.withLock { state in
      guard case .preparing = state.phase else { return }
      state.phase = .training
      state.lanes = fixture.lanes
      state.events.append(.started(fixture.run))
      for index in state.lanes.indices { state.lanes[index].begin() }
    }
  }

  /// Does so many updates of every lane that trains.
  func train(_ steps: Int) {
    state.withLock { state in
      for index in state.lanes.indices { state.lanes[index].train(steps) }
      finishIfEnded(&state)
    }
  }

  /// Answers the commands that were held back.
  func answerAll() {
    state.withLock { state in
      let waiting = state.unanswered
      state.unanswered = []
      for (id, command) in waiting { answer(command, id, &state) }
    }
  }

  /// Lets a lane fail.
  func fail(_ lane: String, _ reason: String) {
    state.withLock { state in
      for index in state.lanes.indices where state.lanes[index].description.name == lane {
        state.lanes[index].finish(failure: reason)
      }
      finishIfEnded(&state)
    }
  }

  /// Refuses the next command that is not a start.
  func refuseNext(_ reason: String) { state.withLock { $0.refusal = reason } }

  private func isStart(_ command: EngineCommand) -> Bool {
    switch command {
    case .start, .describeCatalog: true
    default: false
    }
  }

  private func answer(_ command: EngineCommand, _ id: CommandID, _ state: inout State) {
    if let refusal = state.refusal {
      state.refusal = nil
      state.events.append(.refused(id, refusal))
      return
    }
    switch command {
    case .describeCatalog: state.events.append(.catalog(fixture.catalog))
    case .start: state.phase = .preparing("reading \(fixture.run.dataset)")
    case .pause(let lanes): hold(lanes, .paused, .paused, id, &state)
    case .resume(let lanes): hold(lanes, .training, .resumed, id, &state)
    case .runToEpoch(_, let lanes): hold(lanes, .training, .resumed, id, &state)
    case .singleStep(let lanes):
      for index in selected(lanes, state) {
        state.lanes[index].snapshot.state = .training
        state.lanes[index].train(1)
        if !state.lanes[index].snapshot.state.hasEnded { state.lanes[index].snapshot.state = .paused }
        apply(.stepped, id, index, &state)
      }
    case .stop(let lanes):
      for index in selected(lanes, state) {
        apply(.stopped, id, index, &state)
        state.lanes[index].finish(failure: nil)
      }
      finishIfEnded(&state)
    case .set(let key, let value, let lanes):
      for index in selected(lanes, state) {
        guard
          let place = state.lanes[index].snapshot.hyperparameters.firstIndex(where: { $0.hyperparameter == key })
        else { continue }
        let old = state.lanes[index].snapshot.hyperparameters[place].value
        state.lanes[index].snapshot.hyperparameters[place].value = value
        apply(.set(key, old: old, new: value), id, index, &state)
      }
    }
  }

  private func selected(_ selection: LaneSelection, _ state: State) -> [Int] {
    state.lanes.indices.filter { index in
      let lane = state.lanes[index]
      if lane.snapshot.state.hasEnded { return false }
      return selection == .all || selection == .lane(lane.description.name)
    }
  }

  private func hold(
    _ lanes: LaneSelection, _ laneState: LaneSnapshot.State, _ change: JournalEntry.Change, _ id: CommandID,
    _ state: inout State
  ) {
    for index in selected(lanes, state) {
      state.lanes[index].snapshot.state = laneState
      apply(change, id, index, &state)
    }
  }

  private func apply(_ change: JournalEntry.Change, _ id: CommandID, _ index: Int, _ state: inout State) {
    collect(&state)
    let lane = state.lanes[index]
    state.events.append(
      .applied(
        id,
        JournalEntry(
          lane: lane.description.name, step: lane.snapshot.step, change: change,
          seconds: lane.snapshot.trainingSeconds)))
  }

  private func finishIfEnded(_ state: inout State) {
    guard !state.lanes.isEmpty, state.phase == .training, state.lanes.allSatisfy({ $0.snapshot.state.hasEnded }) else {
      return
    }
    collect(&state)
    state.phase = .finished
    state.events.append(.finished)
  }

  private func collect(_ state: inout State) {
    for index in state.lanes.indices {
      state.events += state.lanes[index].events
      state.lanes[index].events = []
    }
  }
}
