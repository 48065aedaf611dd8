import Datasets
package import EngineProtocol
import Foundation
import Synchronization
import TrainingMetrics

/// The engine in this process: prepares an experiment, runs its lanes on threads, and keeps the record that clients
/// read.
package final class LocalEngine: EngineClient {
  private struct State {
    var nextCommand = 1
    var phase = Snapshot.Phase.idle
    var events: [EngineEvent] = []
    var lanes: [Lane] = []
    var endedLanes = 0
    var isStopRequested = false
  }

  private let resolver: ExperimentResolver
  private let processors: Int
  private let state = Mutex(State())

  /// An engine that looks for data sets in `environment`.
  /// - Parameter processors: how many cores the lanes share.
  package init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    processors: Int = ProcessInfo.processInfo.activeProcessorCount
  ) {
    resolver = ExperimentResolver(environment: environment)
    self.processors = processors
  }

  @discardableResult
  package func send(_ command: EngineCommand) -> CommandID {
    let id = state.withLock { state in
      defer { state.nextCommand += 1 }
      return CommandID(state.nextCommand)
    }
    switch command {
    case .describeCatalog(let folder): append(.catalog(resolver.catalog(dataDirectory: folder)))
    case .start(let request): start(request, id)
    case .pause(let lanes): post(.pause, to: lanes, id) { $0 != .paused }
    case .resume(let lanes): post(.resume, to: lanes, id) { $0 == .paused }
    case .singleStep(let lanes): post(.singleStep, to: lanes, id) { $0 == .paused }
    case .runToEpoch(let epoch, let lanes): post(.runToEpoch(epoch), to: lanes, id)
    case .stop(let lanes): if !stopsPreparation() { post(.stop, to: lanes, id) }
    case .set(let hyperparameter, let value, let lanes): set(hyperparameter, value, lanes, id)
    case .reopen, .checkpoint, .rewind, .fork, .suspend: append(.refused(id, "not yet"))
    }
    return id
  }

  package func snapshot() -> Snapshot {
    let (phase, lanes) = state.withLock { ($0.phase, $0.lanes) }
    let snapshots = lanes.map(\.record.snapshot)
    return Snapshot(phase: phase, seconds: snapshots.map(\.seconds).max() ?? 0, lanes: snapshots)
  }

  package func events(after cursor: EventCursor) -> EventBatch {
    let (events, lanes) = state.withLock { state in
      (Array(state.events[min(state.events.count, cursor.eventCount)...]), state.lanes)
    }
    var batch = EventBatch(events: [], cursor: cursor)
    batch.cursor.eventCount += events.count
    for lane in lanes where !cursor.leavesPointsOut {
      for (key, points) in lane.record.points(after: [:]) {
        batch.events.append(.points(lane: lane.name, branch: 1, key, points))
      }
    }
    // What the lanes have measured comes before what they tell of it, the description of the run before both.
    let start = events.lastIndex { if case .started = $0 { true } else { false } }
    let head = start.map { events[...$0] } ?? []
    batch.events = head + batch.events + events[head.count...]
    return batch
  }

  // MARK: Starting

  private func start(_ request: ExperimentRequest, _ id: CommandID) {
    let isFree = state.withLock { state in
      switch state.phase {
      case .idle: break
      // What could not be started leaves the engine free for the next try.
      case .failed where state.lanes.isEmpty: break
      case .preparing, .training, .finished, .failed: return false
      }
      state.phase = .preparing("reading the experiment")
      state.isStopRequested = false
      return true
    }
    guard isFree else { return append(.refused(id, "an experiment was started already")) }
    let resolution: ExperimentResolver.Resolution
    do {
      resolution = try resolver.resolve(request)
    } catch {
      return fail("\(error)")
    }
    setPhase(.preparing("reading \(resolution.dataset)"))
    let thread = Thread { [self] in prepare(resolution, threads: request.threads) }
    thread.name = "prepare"
    thread.start()
  }

  private func prepare(_ resolution: ExperimentResolver.Resolution, threads asked: Int?) {
    do {
      let dataset = try resolution.library.load(resolution.dataset) { [self] in setPhase(.preparing($0)) }
      let experiment = resolution.experiment
      setPhase(.preparing("building \(experiment.lanes.count) networks"))
      let data = try LaneData(dataset, experiment: experiment)
      try experiment.checkMemory(for: dataset, available: ProcessInfo.processInfo.physicalMemory)
      let threads = asked ?? max(1, processors / experiment.lanes.count)
      let lanes = experiment.lanes.map { plan in
        Lane(plan, data: data, seed: experiment.seed, threads: threads) { [self] in laneReports($0) }
      }
      let description = describe(experiment, dataset, data, reason: resolution.datasetReason, threads: threads)
      let isWanted = state.withLock { state in
        guard !state.isStopRequested else { return false }
        state.lanes = lanes
        state.phase = .training
        state.events.append(.started(description))
        return true
      }
      guard isWanted else { return fail("stopped before training began") }
      for lane in lanes { lane.start() }
    } catch {
      fail("\(error)")
    }
  }

  private func describe(
    _ experiment: Experiment, _ dataset: Dataset, _ data: LaneData, reason: String?, threads: Int
  ) -> RunDescription {
    RunDescription(
      name: experiment.name, dataset: dataset.name,
      datasetOrigin: dataset.origin + (reason.map { " (\($0))" } ?? ""), trainingCount: data.split.training.count,
      validationCount: data.split.validation.count, testCount: dataset.test.count, classes: dataset.classes,
      seed: experiment.seed, lanes: experiment.lanes.map { $0.description(for: dataset, threads: threads) })
  }

  // MARK: Commands to lanes

  // Of all lanes, an order goes to those that it `suits`; a lane named by itself says what is wrong.
  private func post(
    _ order: LaneMailbox.Order, to selection: LaneSelection, _ id: CommandID,
    suits: (LaneSnapshot.State) -> Bool = { _ in true }
  ) {
    guard let lanes = lanes(in: selection, id) else { return }
    let open = lanes.filter { !$0.record.snapshot.state.hasEnded }
    guard !open.isEmpty else { return append(.refused(id, "\(name(of: selection)) has ended")) }
    let suited = open.filter { suits($0.record.snapshot.state) }
    for lane in selection == .all && !suited.isEmpty ? suited : open { post(order, to: lane, id) }
  }

  private func set(
    _ hyperparameter: Hyperparameter, _ value: HyperparameterValue, _ selection: LaneSelection, _ id: CommandID
  ) {
    do {
      try hyperparameter.validate(value)
    } catch {
      return append(.refused(id, "\(error)"))
    }
    guard selection == .all else { return post(.set(hyperparameter, value), to: selection, id) }
    // All lanes means all that have it: a baseline has no clip value, and that is no mistake.
    guard let lanes = lanes(in: selection, id) else { return }
    let having = lanes.filter { lane in
      let snapshot = lane.record.snapshot
      return !snapshot.state.hasEnded && snapshot.hyperparameters.contains { $0.hyperparameter == hyperparameter }
    }
    guard !having.isEmpty else {
      return append(.refused(id, "no lane that trains has a \(hyperparameter.specification.title)"))
    }
    for lane in having { post(.set(hyperparameter, value), to: lane, id) }
  }

  private func post(_ order: LaneMailbox.Order, to lane: Lane, _ id: CommandID) {
    if !lane.mailbox.post(order, from: id) { append(.refused(id, "lane \(lane.name) has ended")) }
  }

  // There are no lanes yet to tell: the preparation looks before it starts them.
  private func stopsPreparation() -> Bool {
    state.withLock { state in
      guard case .preparing = state.phase else { return false }
      state.isStopRequested = true
      return true
    }
  }

  private func lanes(in selection: LaneSelection, _ id: CommandID) -> [Lane]? {
    let lanes = state.withLock { $0.lanes }
    guard !lanes.isEmpty else {
      append(.refused(id, "nothing is training yet"))
      return nil
    }
    switch selection {
    case .all: return lanes
    case .lane(let name):
      guard let lane = lanes.first(where: { $0.name == name }) else {
        let known = lanes.map(\.name).joined(separator: ", ")
        append(.refused(id, "expected a lane of \(known), found “\(name)”"))
        return nil
      }
      return [lane]
    }
  }

  private func name(of selection: LaneSelection) -> String {
    switch selection {
    case .all: "every lane"
    case .lane(let name): "lane \(name)"
    }
  }

  // MARK: The record

  private func laneReports(_ event: EngineEvent) {
    state.withLock { state in
      state.events.append(event)
      guard case .laneEnded = event else { return }
      state.endedLanes += 1
      if state.endedLanes == state.lanes.count {
        state.phase = .finished
        state.events.append(.finished)
      }
    }
  }

  private func append(_ event: EngineEvent) { state.withLock { $0.events.append(event) } }

  private func setPhase(_ phase: Snapshot.Phase) { state.withLock { $0.phase = phase } }

  private func fail(_ message: String) {
    state.withLock { state in
      state.phase = .failed(message)
      state.events.append(.failed(message))
    }
  }
}
