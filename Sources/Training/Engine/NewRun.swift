import Datasets
import Deployment
import EngineProtocol
import Foundation
import NeuralNetworks
import RunStore
import Tensors

extension LocalEngine {
  /// Starts an experiment.
  func start(_ request: ExperimentRequest, _ id: CommandID) {
    prepare("reading the experiment", id) { [self] in try NewRun(request, self) }
  }
}

/// A run of a new experiment.
final class NewRun: RunSource {
  private(set) var experiment: Experiment
  let threads: Int
  let datasetName: String

  private let request: ExperimentRequest
  private let library: DatasetLibrary
  private let datasetReason: String?
  private let notes: [String]
  private let script: SteeringScript?
  private let program: String
  private let imported: ImportedLane?
  private var weights: WeightImport?
  private var layouts: [NetworkLayout] = []
  private var archive: RunArchive?

  /// Reads a request.
  /// - Parameter imported: weights for the request's only lane; nil for drawn ones.
  /// - Throws: `ExperimentError`.
  init(_ request: ExperimentRequest, _ engine: LocalEngine, importing imported: ImportedLane? = nil) throws {
    let resolution = try engine.resolver.resolve(request)
    if imported != nil { try ImportedLane.check(resolution.experiment) }
    self.imported = imported
    self.request = request
    experiment = resolution.experiment
    datasetName = resolution.dataset
    datasetReason = resolution.datasetReason
    notes = resolution.notes
    library = resolution.library
    program = engine.program
    threads = request.threads ?? max(1, engine.processors / experiment.lanes.count)
    script = try request.steering.map {
      try SteeringScript($0, source: request.steeringName ?? "steering script", lanes: resolution.experiment.lanes)
    }
  }

  func loadDataset(_ progress: @escaping (String) -> Void) throws -> Dataset {
    try library.load(datasetName, skippingUnreadable: experiment.skipsUnreadable, progress: progress)
  }

  func checkNetworks(_ dataset: Dataset, _ tell: (Snapshot.Stage) -> Void) throws {
    tell(Snapshot.Stage(.networks, "building \(experiment.lanes.count) networks"))
    layouts = try experiment.lanes.map { try $0.layout(for: dataset) }
    try experiment.checkMemory(
      layouts, images: ImagePreparation.byteCount(dataset, experiment.normalization),
      available: ProcessInfo.processInfo.physicalMemory)
    if let imported { weights = try imported.fit(layouts[0], experiment.lanes[0], dataset.training.shape) }
  }

  func makeLanes(_ data: LaneData, _ engine: LocalEngine, _ tell: (Snapshot.Stage) -> Void) throws -> PreparedLanes {
    // An absolute path, so that the data set is found wherever the run is continued.
    if !DatasetLibrary.isKnown(datasetName) { experiment.dataset = data.dataset.path }
    var description = description(data)
    archive = request.isRecorded ? makeArchive(data.dataset, description, engine) : nil
    if let archive {
      (description.id, description.directory) = (archive.id, archive.directory)
      saveWhitening(of: data, archive, engine)
    }
    let recorder = try archive.map { try RunRecorder($0, record: engine.record) }
    let ledger = TeacherLedger(experiment.lanes, archive: archive)
    let run = engine.makeRun(data, seed: experiment.seed, threads: threads, recorder, ledger)
    let lanes = experiment.lanes.map { Lane($0, run.surroundings, steering: script?.changes[$0.name] ?? []) }
    let remarks = notes + experiment.lanes.compactMap { $0.batchNote(images: data.split.training.count) }
    let told = remarks.map { EngineEvent.health(HealthReport(.information, $0, time: description.startedAt)) }
    let starts = lanes.map {
      ($0.name, LaneStart(weights: weights, suspendsFirst: weights != nil, script: $0.steering))
    }
    return PreparedLanes(
      run: run, lanes: lanes, starts: Dictionary(uniqueKeysWithValues: starts), events: [.started(description)] + told)
  }

  // Nothing was trained, so no directory is left behind.
  func discard() {
    guard let archive else { return }
    archive.close()
    try? RunsFolder(path: "").remove(archive.directory)
  }

  private func description(_ data: LaneData) -> RunDescription {
    let dataset = data.dataset
    let notes = dataset.notes + data.notes
    return RunDescription(
      startedAt: Date().timeIntervalSince1970, name: experiment.name, dataset: dataset.name,
      datasetOrigin: dataset.path ?? dataset.origin, datasetReason: datasetReason, notes: notes.isEmpty ? nil : notes,
      pixels: dataset.reading.map(RunDescription.Pixels.init), trainingCount: data.split.training.count,
      validationCount: data.split.validation.count, testCount: dataset.test.count, classes: dataset.classes,
      seed: experiment.seed,
      lanes: zip(experiment.lanes, layouts).map { lane, layout in
        var lane = lane.description(layout, threads: threads)
        lane.imported = imported?.origin
        return lane
      },
      knobs: KnobSpecifications(experiment.lanes.flatMap { $0.settings().map(\.hyperparameter) }))
  }

  // If no directory can be created, training continues without one; the screen and the exit message report it.
  private func makeArchive(_ dataset: Dataset, _ description: RunDescription, _ engine: LocalEngine) -> RunArchive? {
    let folder = request.runsDirectory ?? RunsFolder.standard(environment: engine.resolver.environment)
    do {
      var files = ["experiment.yaml": try ExperimentWriter().text(of: experiment)]
      if let steering = request.steering { files["steering.yaml"] = steering }
      var environment = MachineFacts.all(program: program)
      environment["dataset"] = dataset.digest
      return try RunArchive.create(
        in: folder, name: experiment.name, directoryName: request.runName, time: description.startedAt, files: files,
        environment: environment)
    } catch {
      engine.setUnrecorded("this run is not recorded: \(error)")
      return nil
    }
  }

  // Checkpoints of whitened images need the map, which is too large to be stored in each of them.
  private func saveWhitening(of data: LaneData, _ archive: RunArchive, _ engine: LocalEngine) {
    guard case .whitened(let whitening, _, _) = data.preparation else { return }
    do {
      try archive.save(whitening.file().bytes, as: "whitening.safetensors")
    } catch {
      engine.record.warn("the whitening map is not saved: \(error)")
    }
  }
}

extension Dataset {
  /// The absolute path that it was read from; nil if it is built in.
  fileprivate var path: String? { isBuiltIn ? nil : URL(filePath: origin).path }
}
