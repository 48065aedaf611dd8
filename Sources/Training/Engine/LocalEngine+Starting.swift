import Datasets
import EngineProtocol
import Foundation
import RunStore
import Tensors

// How an experiment is made ready and started.

extension LocalEngine {
  func start(_ request: ExperimentRequest, _ id: CommandID) {
    prepare("reading the experiment", id) { [self] preparation in
      let resolution = try resolver.resolve(request)
      let script = try request.steering.map {
        try SteeringScript($0, source: request.steeringName ?? "steering script", lanes: resolution.experiment.lanes)
      }
      record.setPreparing("reading \(resolution.dataset)", preparation)
      try start(resolution, request, script, preparation)
    }
  }

  /// Takes up a run, the only one, and does what takes a while on a thread of its own.
  /// - Parameter work: is given the preparation's number.
  func prepare(_ what: String, _ id: CommandID, _ work: @escaping @Sendable (Int) throws -> Void) {
    guard let preparation = record.beginPreparation(what, id) else {
      return record.append(.refused(id, "an experiment was started already"))
    }
    let thread = Thread { [record] in
      do { try work(preparation) } catch { record.failPreparation("\(error)", preparation) }
    }
    thread.name = "prepare"
    thread.start()
  }

  /// There are no lanes yet to tell; the preparation finds out when it is done.
  func stopsPreparation() -> Bool { record.failPreparation("stopped before training began") }

  private func start(
    _ resolution: ExperimentResolver.Resolution, _ request: ExperimentRequest, _ script: SteeringScript?,
    _ preparation: Int
  ) throws {
    let dataset = try resolution.library.load(
      resolution.dataset, skippingUnreadable: resolution.experiment.skipsUnreadable
    ) { [record] in record.setPreparing($0, preparation) }
    var experiment = resolution.experiment
    record.setPreparing("building \(experiment.lanes.count) networks", preparation)
    let layouts = try experiment.lanes.map { try $0.layout(for: dataset) }
    try experiment.checkMemory(
      layouts, images: ImagePreparation.byteCount(dataset, experiment.normalization),
      available: ProcessInfo.processInfo.physicalMemory)
    let threads = request.threads ?? max(1, processors / experiment.lanes.count)
    let data = try prepareData(dataset, experiment, threads: threads, preparation)
    // A folder is found again from wherever the run is gone on with.
    if !DatasetLibrary.isKnown(resolution.dataset) { experiment.dataset = URL(filePath: dataset.origin).path }
    // So is a set by name.
    let origin = dataset.origin == HandwrittenDigits.origin ? dataset.origin : URL(filePath: dataset.origin).path
    let notes = dataset.notes + data.notes
    var description = RunDescription(
      startedAt: Date().timeIntervalSince1970, name: experiment.name, dataset: dataset.name,
      datasetOrigin: origin + (resolution.datasetReason.map { " (\($0))" } ?? ""),
      notes: notes.isEmpty ? nil : notes, pixels: dataset.reading.map(RunDescription.Pixels.init),
      trainingCount: data.split.training.count, validationCount: data.split.validation.count,
      testCount: dataset.test.count, classes: dataset.classes, seed: experiment.seed,
      lanes: zip(experiment.lanes, layouts).map { $0.description($1, threads: threads) })
    guard record.isPreparing(preparation) else { return }
    let archive = request.isRecorded ? makeArchive(experiment, dataset, request, description) : nil
    if let archive { (description.id, description.directory) = (archive.id, archive.directory) }
    if let archive { saveWhitening(of: data, archive) }
    let recorder = try archive.map { try RunRecorder($0, record: record) }
    let ledger = TeacherLedger(experiment.lanes, archive: archive)
    let run = makeRun(data, seed: experiment.seed, threads: threads, recorder, ledger)
    let lanes = experiment.lanes.map {
      Lane($0, run.surroundings, steering: script?.changes[$0.name] ?? [])
    }
    let remarks =
      resolution.notes + experiment.lanes.compactMap { $0.batchNote(images: data.split.training.count) }
    let told = remarks.map { EngineEvent.health(HealthReport(.information, $0, time: description.startedAt)) }
    guard record.begin(lanes, events: [.started(description)] + told, preparation, isWanted: { self.run = run }) else {
      archive?.close()
      // Nothing was trained: no directory is left behind.
      if let archive { try RunsFolder(path: "").remove(archive.directory) }
      return
    }
    recorder?.start(after: .init())
    for lane in lanes { lane.start(LaneStart(script: lane.steering)) }
  }

  /// Splits and prepares the images, on as many cores as the lanes will have. Whatever is stopped meanwhile ends at once.
  func prepareData(
    _ dataset: Dataset, _ experiment: Experiment, threads: Int, _ preparation: Int
  ) throws -> LaneData {
    preparations.enter()
    defer { preparations.leave() }
    let cores = max(1, min(processors, threads * experiment.lanes.count))
    return try LaneData(dataset, experiment: experiment, threads: cores) { [record] words in
      guard record.isPreparing(preparation) else { throw CancellationError() }
      record.setPreparing(words, preparation)
    }
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

  // The map is too large for each checkpoint, and without it nobody could use one.
  private func saveWhitening(of data: LaneData, _ archive: RunArchive) {
    guard case .whitened(let whitening, _, _) = data.preparation else { return }
    do {
      try archive.save(whitening.file().bytes, as: "whitening.safetensors")
    } catch {
      record.warn("the whitening of the images is not saved: \(error)")
    }
  }

  /// What stands around the lanes of a run.
  func makeRun(
    _ data: LaneData, seed: UInt64, threads: Int, _ recorder: RunRecorder?, _ ledger: TeacherLedger
  ) -> Run {
    let record = record
    let dataset = data.dataset
    return Run(
      surroundings: Lane.Surroundings(
        data: data, seed: seed, threads: threads, recorder: recorder, ledger: ledger, report: { record.append($0) },
        reportDurably: { record.append($0) { recorder?.commit() } },
        didEnd: { record.laneThreadEnded() }),
      describe: { $0.description($0.fittedLayout(for: dataset), threads: threads) }, recorder: recorder)
  }
}
