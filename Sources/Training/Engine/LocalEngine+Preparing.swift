import Datasets
import EngineProtocol
import Foundation
import RunStore

/// The source of a run: a new experiment, a recorded run to continue, or one to replay.
///
/// The engine prepares all of them in the same steps; see `LocalEngine.prepare`.
protocol RunSource {
  /// The experiment.
  var experiment: Experiment { get }
  /// Number of threads per lane.
  var threads: Int { get }
  /// The name of the data set, or its path.
  var datasetName: String { get }
  /// Reads the data set.
  /// - Throws: `DatasetError`; `ExperimentError` if it is not the required one.
  func loadDataset(_ progress: @escaping (String) -> Void) throws -> Dataset
  /// Checks that the networks fit the images and the memory, before the images are prepared.
  /// - Throws: `NetworkError`, `ExperimentError`.
  func checkNetworks(_ dataset: Dataset, _ tell: (Snapshot.Stage) -> Void) throws
  /// Creates the lanes.
  /// - Throws: if they cannot be trained.
  func makeLanes(_ data: LaneData, _ engine: LocalEngine, _ tell: (Snapshot.Stage) -> Void) throws -> PreparedLanes
  /// Releases the source's resources, because nothing of it will be trained.
  func discard()
}

/// The lanes of a run, ready to start.
struct PreparedLanes {
  /// State shared by the lanes.
  var run: LocalEngine.Run
  /// All lanes in display order.
  var lanes: [Lane]
  /// The starting point of each lane, without lanes that have ended.
  var starts: [String: LaneStart]
  /// The initial events of the engine's record.
  var events: [EngineEvent]
  /// Where the recorder continues.
  var position = RunWriter.Position()
  /// Messages to report once the lanes exist.
  var reports: [HealthReport] = []
}

extension RunSource {
  func checkNetworks(_ dataset: Dataset, _ tell: (Snapshot.Stage) -> Void) throws {}
  func discard() {}
}

extension LocalEngine {
  /// Prepares a run on its own thread and starts its lanes: reads the request and the data set, fits the networks,
  /// prepares the images and creates the lanes. Only one run is possible.
  /// - Parameters:
  ///   - words: the first stage, for display.
  ///   - open: reads and checks the request.
  func prepare(_ words: String, _ id: CommandID, _ open: @escaping @Sendable () throws -> any RunSource) {
    guard let preparation = record.beginPreparation(Snapshot.Stage(.request, words), id) else {
      return record.append(.refused(id, "an experiment was already started"))
    }
    let thread = Thread { [self] in
      do {
        let source = try open()
        var isTaken = false
        defer { if !isTaken { source.discard() } }
        isTaken = try prepare(source, preparation)
      } catch {
        record.failPreparation("\(error)", preparation)
      }
    }
    thread.name = "prepare"
    thread.start()
  }

  /// Stops a preparation, which notices when its current stage is done. There are no lanes yet to stop.
  func stopsPreparation() -> Bool { record.failPreparation("stopped before training began") }

  // Returns whether the lanes were started; false if the preparation was stopped.
  private func prepare(_ source: any RunSource, _ preparation: Int) throws -> Bool {
    let tell: (Snapshot.Stage) -> Void = { [record] in record.setPreparing($0, preparation) }
    tell(Snapshot.Stage(.dataset, "reading \(source.datasetName)"))
    let dataset = try source.loadDataset { tell(Snapshot.Stage(.dataset, $0)) }
    try source.checkNetworks(dataset, tell)
    let data = try prepareImages(dataset, source, preparation)
    guard record.isPreparing(preparation) else { return false }
    let prepared = try source.makeLanes(data, self, tell)
    let hasBegun = record.begin(prepared.lanes, events: prepared.events, preparation) { before in
      run = prepared.run
      // Before a client can fork or rewind: what is acknowledged must be written.
      prepared.run.recorder?.start(after: prepared.position.moved(behind: before))
    }
    guard hasBegun else { return false }
    for report in prepared.reports { record.append(.health(report)) }
    for lane in prepared.lanes {
      if let start = prepared.starts[lane.name] { lane.start(start) }
    }
    return true
  }

  // Splits and prepares the images, on as many cores as the lanes will use. A stop cancels this at once.
  private func prepareImages(_ dataset: Dataset, _ source: any RunSource, _ preparation: Int) throws -> LaneData {
    preparations.enter()
    defer { preparations.leave() }
    let cores = max(1, min(processors, source.threads * source.experiment.lanes.count))
    return try LaneData(dataset, experiment: source.experiment, threads: cores, assemblesAhead: assemblesAhead) {
      [record] words in
      guard record.isPreparing(preparation) else { throw CancellationError() }
      record.setPreparing(Snapshot.Stage(.images, words), preparation)
    }
  }

  /// Creates the state that the lanes of a run share.
  func makeRun(
    _ data: LaneData, seed: UInt64, threads: Int, _ recorder: RunRecorder?, _ ledger: TeacherLedger
  ) -> Run {
    let record = record
    let dataset = data.dataset
    return Run(
      surroundings: Lane.Surroundings(
        data: data, seed: seed, threads: threads, recorder: recorder, ledger: ledger, hold: hold,
        report: { record.append($0) },
        reportDurably: { event, isHurried in record.append(event) { recorder?.commit(isHurried: isHurried) } },
        didEnd: { record.laneThreadEnded() }),
      describe: { $0.description($0.fittedLayout(for: dataset), threads: threads) }, recorder: recorder)
  }
}
