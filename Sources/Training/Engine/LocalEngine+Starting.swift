import Datasets
import EngineProtocol
import Foundation
import RunStore

// How an experiment is made ready and started.

extension LocalEngine {
  func start(_ request: ExperimentRequest, _ id: CommandID) {
    guard takesUp("reading the experiment", id) else { return }
    let resolution: ExperimentResolver.Resolution
    let script: SteeringScript?
    do {
      resolution = try resolver.resolve(request)
      script = try request.steering.map {
        try SteeringScript($0, source: "steering script", lanes: resolution.experiment.lanes)
      }
    } catch {
      return record.fail("\(error)")
    }
    record.phase = .preparing("reading \(resolution.dataset)")
    prepare { [self] in try prepare(resolution, request, script) }
  }

  /// Makes the engine ready for one run, the only one.
  func takesUp(_ what: String, _ id: CommandID) -> Bool {
    let isFree = record.move { phase, hasLanes in
      switch phase {
      case .idle: .preparing(what)
      // What could not be started leaves the engine free for the next try.
      case .failed: hasLanes ? nil : .preparing(what)
      case .preparing, .training, .finished: nil
      }
    }
    if !isFree { record.append(.refused(id, "an experiment was started already")) }
    return isFree
  }

  /// Does what takes a while, on a thread of its own.
  func prepare(_ work: @escaping @Sendable () throws -> Void) {
    let thread = Thread { [self] in
      do { try work() } catch { failPreparation("\(error)") }
    }
    thread.name = "prepare"
    thread.start()
  }

  /// There are no lanes yet to tell; the preparation finds out when it is done.
  func stopsPreparation() -> Bool { failPreparation("stopped before training began") }

  @discardableResult
  private func failPreparation(_ message: String) -> Bool {
    let isPreparing = record.move { phase, _ in
      if case .preparing = phase { .failed(message) } else { nil }
    }
    if isPreparing { record.append(.failed(message)) }
    return isPreparing
  }

  /// Says what is being made ready, unless nobody waits for it any more.
  func setPreparing(_ what: String) {
    _ = record.move { phase, _ in
      if case .preparing = phase { .preparing(what) } else { nil }
    }
  }

  private func prepare(
    _ resolution: ExperimentResolver.Resolution, _ request: ExperimentRequest, _ script: SteeringScript?
  ) throws {
    let dataset = try resolution.library.load(resolution.dataset) { [self] in setPreparing($0) }
    var experiment = resolution.experiment
    setPreparing("building \(experiment.lanes.count) networks")
    let data = try LaneData(dataset, experiment: experiment)
    try experiment.checkMemory(for: dataset, available: ProcessInfo.processInfo.physicalMemory)
    let threads = request.threads ?? max(1, processors / experiment.lanes.count)
    // A folder is found again from wherever the run is gone on with.
    if !DatasetLibrary.isKnown(resolution.dataset) { experiment.dataset = URL(filePath: dataset.origin).path }
    var description = RunDescription(
      startedAt: Date().timeIntervalSince1970, name: experiment.name, dataset: dataset.name,
      datasetOrigin: dataset.origin + (resolution.datasetReason.map { " (\($0))" } ?? ""),
      trainingCount: data.split.training.count, validationCount: data.split.validation.count,
      testCount: dataset.test.count, classes: dataset.classes, seed: experiment.seed,
      lanes: experiment.lanes.map { $0.description(for: dataset, threads: threads) })
    // Nobody waits any more: no directory is left behind.
    guard case .preparing = record.phase else { return }
    let archive = request.isRecorded ? makeArchive(experiment, dataset, request, description) : nil
    if let archive { (description.id, description.directory) = (archive.id, archive.directory) }
    let recorder = try archive.map { try RunRecorder($0, record: record) }
    let run = makeRun(data, seed: experiment.seed, threads: threads, recorder)
    self.run = run
    recorder?.start(after: .init())
    let lanes = experiment.lanes.map {
      Lane($0, run.surroundings, steering: script?.changes[$0.name] ?? [])
    }
    guard record.begin(lanes, events: [.started(description)]) else { return close() }
    for lane in lanes { lane.start(LaneStart(script: lane.steering)) }
  }

  // Where no directory can be made, training goes on without: the screen and the exit say so.
  private func makeArchive(
    _ experiment: Experiment, _ dataset: Dataset, _ request: ExperimentRequest, _ description: RunDescription
  ) -> RunArchive? {
    let folder = request.runsDirectory ?? RunsFolder.standard(environment: resolver.environment)
    do {
      var files = ["experiment.yaml": try ExperimentWriter().text(of: experiment)]
      if let steering = request.steering { files["steering.yaml"] = steering }
      var environment = MachineFacts.all(program: program)
      environment["dataset"] = dataset.digest
      return try RunArchive.create(
        in: folder, name: experiment.name, time: description.startedAt, files: files, environment: environment)
    } catch {
      setUnrecorded("this run is not recorded: \(error)")
      return nil
    }
  }

  /// What stands around the lanes of a run.
  func makeRun(_ data: LaneData, seed: UInt64, threads: Int, _ recorder: RunRecorder?) -> Run {
    let record = record
    let dataset = data.dataset
    return Run(
      surroundings: Lane.Surroundings(
        data: data, seed: seed, threads: threads, recorder: recorder, report: { record.append($0) },
        didEnd: { end in
          if case .suspended = end {
            record.laneThreadEnded(isSuspended: true)
          } else {
            record.laneThreadEnded(isSuspended: false)
          }
        }),
      describe: { $0.description(for: dataset, threads: threads) }, recorder: recorder)
  }
}
