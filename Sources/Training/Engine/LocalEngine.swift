package import EngineProtocol
import Foundation
import RunStore
import Synchronization
package import TrainingMetrics

/// The engine in this process. It prepares an experiment or a recorded run, runs its lanes on threads, and keeps the
/// record that clients read.
package final class LocalEngine: HostedEngine {
  /// State shared by the lanes of a run.
  struct Run {
    var surroundings: Lane.Surroundings
    var describe: @Sendable (LanePlan) -> RunDescription.Lane
    var recorder: RunRecorder?
  }

  let resolver: ExperimentResolver
  let processors: Int
  let assemblesAhead: Bool
  let program: String
  let record = EngineRecord()
  private let running = Mutex<Run?>(nil)

  private let unrecorded = Mutex<Snapshot.Storage?>(nil)
  // Preparations in progress.
  let preparations = DispatchGroup()
  // The download in progress.
  let downloads = EngineDownload()
  // Lanes that are packed, timed or exported.
  let deployments = EngineDeployments()
  let predictors = EnginePredictors()
  let hold = TrainingHold()
  private let monitor: MachineMonitor
  private let nextCommand = Atomic<Int>(1)
  // Checkpoints are read on this queue, so that neither a lane nor the connection to the clients waits for it.
  let reading = DispatchQueue(label: "checkpoints")

  /// An engine that uses `environment` to find data sets and runs.
  /// - Parameters:
  ///   - processors: number of cores that the lanes share.
  ///   - assemblesAhead: whether a lane assembles its next batch on a thread beside those of `ExperimentRequest.threads`.
  ///   - program: the program's version, for the runs' records.
  package init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    processors: Int = ProcessInfo.processInfo.activeProcessorCount, assemblesAhead: Bool = true, program: String = ""
  ) {
    resolver = ExperimentResolver(environment: environment)
    (self.processors, self.assemblesAhead) = (processors, assemblesAhead)
    monitor = MachineMonitor(cores: processors)
    self.program = program
  }

  package func nextCommandID() -> CommandID { CommandID(nextCommand.add(1, ordering: .relaxed).oldValue) }

  package func send(_ command: EngineCommand, as id: CommandID) { perform(command, as: id, origin: "") }

  package func perform(_ command: EngineCommand, as id: CommandID, origin: String) {
    let sender = Sender(id, origin)
    switch command {
    // Runs on a queue, so that it does not delay the connection to the clients, as does reading a run.
    case .describeCatalog(let folder):
      reading.async { [self] in record.append(.catalog(resolver.catalog(dataDirectory: folder), id)) }
    case .download(let request): download(request, id)
    case .cancelDownload: cancelDownload(id)
    case .start(let request): start(request, id)
    case .reopen(let directory): reopen(directory, id)
    case .points(let request): reading.async { [self] in tell(request, id) }
    case .pause(let lanes): post(.pause, to: lanes, sender) { $0 != .paused }
    case .resume(let lanes): post(.resume, to: lanes, sender) { $0 == .paused }
    case .singleStep(let lanes): post(.singleStep, to: lanes, sender) { $0 == .paused }
    case .runToEpoch(let epoch, let lanes): post(.runToEpoch(epoch), to: lanes, sender)
    case .stop(let lanes):
      // A lane that is being tested would spoil a measurement.
      deployments.cancel("lanes were stopped", only: .timing)
      guard !stopsPreparation() else { return }
      hurry(lanes)
      post(.stop, to: lanes, sender)
    case .suspend:
      deployments.cancel("the run was suspended")
      if !stopsPreparation() { suspend(sender) }
    case .set(let hyperparameter, let value, let lanes): set(hyperparameter, value, lanes, sender)
    case .checkpoint(let lanes): if isRecorded(sender) { post(.checkpoint, to: lanes, sender) }
    case .rewind(let lane, let branch, let step): rewind(lane, branch: branch, step: step, sender)
    case .fork(let request): fork(request, sender)
    case .note(let request): note(request, sender)
    case .packLane(let lane, let choice): pack(lane, choice, sender)
    case .timeLane(let lane): time(lane, sender)
    case .exportLane(let request): export(request, sender)
    case .inspectLane(let lane, let choice): inspect(lane, choice, sender)
    case .classifyLane(let lane, let choice): classify(lane, choice, sender)
    case .answerImage(let question): answer(question, sender)
    case .findRate(let search): findRate(search, sender)
    case .compareMoments(let request): compareMoments(request, sender)
    case .readWeights(let request): read(request, sender)
    case .cancelDeployment:
      if !deployments.cancel(nil) { record.append(.refused(id, "there is no work on a lane to cancel")) }
    }
  }

  package var isSuspended: Bool { record.isSuspended }

  package func setClientCount(_ count: Int) { record.clients = count }

  package func snapshot() -> Snapshot {
    let lanes = record.snapshots
    return Snapshot(
      phase: record.phase, seconds: lanes.map(\.seconds).max() ?? 0, lanes: lanes,
      storage: run?.recorder?.storage ?? unrecorded.withLock { $0 }, clients: record.clients,
      download: downloads.standing, deployment: deployments.standing,
      machine: monitor.state)
  }

  package func events(after cursor: EventCursor) -> EventBatch {
    var batch = record.events(after: cursor)
    // Points that are only in the run's directory arrive in several batches.
    while !batch.isWhole {
      let rest = record.events(after: batch.cursor)
      batch = EventBatch(events: batch.events + rest.events, cursor: rest.cursor, isWhole: rest.isWhole)
    }
    return batch
  }

  package func events(after cursor: EventCursor, mostPoints: Int) -> EventBatch {
    record.events(after: cursor, mostPoints: mostPoints)
  }

  package func points(_ request: PointsRequest) throws -> [MetricPoint] { try record.points(request) }

  private func tell(_ request: PointsRequest, _ id: CommandID) {
    do { record.append(.stretch(id, request, try points(request))) } catch { record.append(.refused(id, "\(error)")) }
  }

  package func end(of cursor: EventCursor) -> EventCursor { record.end(of: cursor) }

  /// Waits until everything is written to the run's directory, and closes it. No lane may be training.
  /// - Returns: why not everything could be written; nil on success.
  @discardableResult
  package func close() -> String? {
    if downloads.cancel() { downloads.wait() }
    if deployments.cancel("the engine is ending") { deployments.wait() }
    predictors.close()
    // A stopped preparation may still be computing, and the program must not exit before it ends.
    _ = preparations.wait(timeout: .now() + 60)
    let run = running.withLock { run in
      defer { run = nil }
      return run
    }
    return run?.recorder?.finish()
  }

  /// State shared by the lanes; nil before they run.
  var run: Run? {
    get { running.withLock { $0 } }
    set { running.withLock { $0 = newValue } }
  }

  /// Records that a run can't be recorded, and why.
  func setUnrecorded(_ problem: String) {
    unrecorded.withLock { $0 = Snapshot.Storage(bytes: 0, problem: problem) }
    record.warn(problem)
  }
}
