import EngineProtocol
import Synchronization
import TrainingMetrics

/// An engine that answers like the real one. It trains by a formula, and only when the test asks it to.
final class FakeEngine: EngineClient {
  private struct State {
    var events: [EngineEvent] = []
    var commands: [EngineCommand] = []
    var phase = Snapshot.Phase.idle
    var lanes: [FakeLane] = []
    var count = 0
    var refusal: String?
    var unanswered: [(CommandID, EngineCommand)] = []
    var origin = ""
    var storage: Snapshot.Storage?
    var clients = 1
    var isLost = false
    var download: Snapshot.Download?
    var deployment: Snapshot.Deployment?
    // What was exported.
    var files: Set<String> = []
    var catalog: Catalog?
  }

  private let state = Mutex(State())
  private let fixture: Fixture
  /// Whether commands are answered immediately.
  let answersAtOnce: Bool

  init(_ fixture: Fixture = .pair, answersAtOnce: Bool = true) {
    self.fixture = fixture
    self.answersAtOnce = answersAtOnce
  }

  /// The commands that were sent, in order.
  var commands: [EngineCommand] { state.withLock { $0.commands } }

  /// The ID of a sender other than the dashboard.
  func nextCommandID() -> CommandID {
    state.withLock { state in
      state.count += 1
      return CommandID(state.count, client: 9)
    }
  }

  func send(_ command: EngineCommand, as id: CommandID) {
    state.withLock { state in
      state.commands.append(command)
      if answersAtOnce || isStart(command) {
        answer(command, id, &state)
      } else {
        state.unanswered.append((id, command))
      }
    }
  }

  func snapshot() -> Snapshot {
    state.withLock { state in
      Snapshot(
        phase: state.phase, seconds: state.lanes.map(\.snapshot.trainingSeconds).max() ?? 0,
        lanes: state.lanes.map(\.snapshot), storage: state.storage, clients: state.clients,
        download: state.download, deployment: state.deployment,
        machine: MachineState(
          processor: "Fake 9000", cores: 2, memoryBytes: 8 << 30, availableBytes: 5 << 30, residentBytes: 640 << 20,
          busyCores: 1.85, load: 2.1))
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

  /// Ends the preparation and starts the lanes.
  func makeReady() {
    state.withLock { state in
      guard case .preparing = state.phase else { return }
      state.phase = .training
      state.lanes = fixture.lanes
      state.events.append(.started(fixture.run))
      for index in state.lanes.indices { state.lanes[index].begin() }
    }
  }

  /// Makes a number of updates in all lanes that are training.
  func train(_ steps: Int) {
    state.withLock { state in
      if state.isLost { return }
      for index in state.lanes.indices { state.lanes[index].train(steps) }
      finishIfEnded(&state)
    }
  }

  /// Answers the commands that are waiting.
  func answerAll() {
    state.withLock { state in
      let waiting = state.unanswered
      state.unanswered = []
      for (id, command) in waiting { answer(command, id, &state) }
    }
  }

  /// Writes checkpoints of all lanes.
  func checkpoint(_ reason: Checkpoint.Reason = .periodic) {
    state.withLock { state in
      for index in state.lanes.indices { state.lanes[index].save(reason) }
    }
  }

  /// Executes a command of another client.
  func perform(_ command: EngineCommand, origin: String) {
    state.withLock { state in
      state.count += 1
      state.origin = origin
      answer(command, CommandID(state.count, client: 9), &state)
      state.origin = ""
    }
  }

  /// Simulates the death of the engine's process.
  func lose(_ reason: String) {
    state.withLock { state in
      collect(&state)
      state.isLost = true
      state.events.append(.engineLost(reason))
    }
  }

  /// Sends an event unchanged.
  func lane(_ name: String) -> FakeLane {
    state.withLock { state in state.lanes.first { $0.description.name == name }! }
  }

  func tell(_ event: EngineEvent) {
    state.withLock { state in
      collect(&state)
      state.events.append(event)
    }
  }

  /// Sets the state of the disk and the number of clients.
  func setSurroundings(storage: Snapshot.Storage?, clients: Int = 1) {
    state.withLock { state in
      state.storage = storage
      state.clients = clients
    }
  }

  /// Sets the progress of a download.
  func setDownload(_ download: Snapshot.Download?) { state.withLock { $0.download = download } }

  /// Sets which lane is being packed or timed.
  func setDeployment(_ deployment: Snapshot.Deployment?) { state.withLock { $0.deployment = deployment } }

  /// Sets the catalog.
  func setCatalog(_ catalog: Catalog) { state.withLock { $0.catalog = catalog } }

  /// Makes a lane fail.
  func fail(_ lane: String, _ reason: String) {
    state.withLock { state in
      for index in state.lanes.indices where state.lanes[index].description.name == lane {
        state.lanes[index].finish(failure: reason)
      }
      finishIfEnded(&state)
    }
  }

  /// Refuses the next command other than `start`.
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
    case .describeCatalog: state.events.append(.catalog(state.catalog ?? fixture.catalog))
    case .start: state.phase = .preparing(Snapshot.Stage(.dataset, "reading \(fixture.run.dataset)"))
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
    case .checkpoint(let lanes):
      for index in selected(lanes, state) { state.lanes[index].save(.asked) }
    case .rewind(let lane, let branch, let step):
      guard let index = state.lanes.firstIndex(where: { $0.description.name == lane }),
        let saved = state.lanes[index].saved(branch: branch, step: step)
      else { return state.events.append(.refused(id, "\(lane) has no checkpoint at step \(step)")) }
      let from = state.lanes[index].snapshot.step
      state.phase = .training
      state.lanes[index].rewind(to: saved)
      apply(.rewound(from: from), id, index, &state)
    case .fork(let request): fork(request, id, &state)
    case .note(let request):
      guard let lane = state.lanes.first(where: { $0.description.name == request.lane }) else { return }
      collect(&state)
      state.events.append(
        .applied(
          id,
          JournalEntry(
            lane: request.lane, branch: request.branch ?? lane.snapshot.branch,
            step: request.step ?? lane.snapshot.step,
            change: .noted(request.text), seconds: lane.snapshot.trainingSeconds, origin: state.origin)))
    case .packLane(let name, let choice):
      guard let lane = state.lanes.first(where: { $0.description.name == name }) else { return }
      let ended = lane.snapshot.state.hasEnded ? WeightsChoice.best : .newest
      state.events.append(.lanePacked(id, FakeDeployment(lane: lane, choice: choice ?? ended).packing))
    case .inspectLane(let name, let choice):
      guard let lane = state.lanes.first(where: { $0.description.name == name }) else { return }
      state.events.append(.laneInspected(id, FakeDeployment(lane: lane, choice: choice ?? .newest).diagnostics))
    case .classifyLane(let name, let choice):
      guard let lane = state.lanes.first(where: { $0.description.name == name }) else { return }
      state.events.append(.laneClassified(id, FakeDeployment(lane: lane, choice: choice ?? .newest).predictions))
    case .answerImage(let question):
      state.events.append(.imageAnswered(id, FakeDeployment.answers(question, state.lanes)))
    case .findRate(let search):
      guard let lane = state.lanes.first(where: { $0.description.name == search.lane }) else { return }
      state.events.append(.rateFound(id, FakeDeployment(lane: lane, choice: .newest).curve(search)))
    case .compareMoments(let request):
      guard let lane = state.lanes.first(where: { $0.description.name == request.lane }),
        let first = lane.saved(branch: request.first.branch, step: request.first.step),
        let second = lane.saved(branch: request.second.branch, step: request.second.step)
      else { return }
      state.events.append(.momentsCompared(id, FakeDeployment.comparison(request, first, second)))
    case .readWeights(let request):
      guard let lane = state.lanes.first(where: { $0.description.name == request.lane }) else { return }
      state.events.append(.weightsRead(id, FakeDeployment(lane: lane).weights(request)))
    case .timeLane(let name):
      guard let lane = state.lanes.first(where: { $0.description.name == name }) else { return }
      state.events.append(.laneTimed(id, FakeDeployment(lane: lane).timing))
    case .exportLane(let request):
      guard let lane = state.lanes.first(where: { $0.description.name == request.lane }) else { return }
      if state.files.contains(request.path), !request.replaces {
        let reason = "\(request.path): expected a new file, found an existing one"
        let failure = DeploymentFailure(lane: request.lane, work: .exporting, reason: reason, existing: request)
        return state.events.append(.deploymentFailed(id, failure))
      }
      state.files.insert(request.path)
      let deployment = FakeDeployment(lane: lane, choice: request.weights ?? .newest)
      state.events.append(.laneExported(id, deployment.export(request)))
    case .suspend, .reopen, .download, .cancelDownload, .points, .cancelDeployment: break
    }
  }

  private func fork(_ request: ForkRequest, _ id: CommandID, _ state: inout State) {
    guard let index = state.lanes.firstIndex(where: { $0.description.name == request.lane }),
      var lane = state.lanes[index].saved(branch: request.branch, step: request.step)
    else { return state.events.append(.refused(id, "no such checkpoint")) }
    let name = request.name ?? "\(request.lane)-2"
    lane.description.name = name
    lane.description.fork = RunDescription.Fork(
      lane: request.lane, branch: request.branch, step: request.step, settings: request.settings)
    lane.snapshot.name = name
    lane.snapshot.branch = 1
    lane.snapshot.state = .training
    for setting in request.settings {
      for place in lane.snapshot.hyperparameters.indices
      where lane.snapshot.hyperparameters[place].hyperparameter == setting.hyperparameter {
        lane.snapshot.hyperparameters[place] = setting
      }
    }
    collect(&state)
    state.phase = .training
    state.lanes.append(lane)
    state.events.append(.laneAdded(lane.description))
    state.events.append(
      .applied(
        id,
        JournalEntry(
          lane: request.lane, branch: request.branch, step: request.step, change: .forked(into: name),
          seconds: lane.snapshot.trainingSeconds, origin: state.origin)))
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
          lane: lane.description.name, branch: lane.snapshot.branch, step: lane.snapshot.step, change: change,
          seconds: lane.snapshot.trainingSeconds, origin: state.origin)))
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
