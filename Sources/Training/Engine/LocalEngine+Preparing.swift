import Datasets
import EngineProtocol
import Foundation
import RunStore

/// What the engine is to train: an experiment that was asked for, a recorded run to continue, or one to train again.
///
/// The engine prepares all of them in the same steps; see `LocalEngine.prepare`.
protocol RunSource {
  /// The experiment.
  var experiment: Experiment { get }
  /// Threads of each lane.
  var threads: Int { get }
  /// The name of the data set, or its path.
  var datasetName: String { get }
  /// Reads the data set.
  /// - Throws: `DatasetError`; `ExperimentError` where it is not the one that is needed.
  func loadDataset(_ progress: @escaping (String) -> Void) throws -> Dataset
  /// Checks that the networks fit to the images and into the memory, before the images are prepared.
  /// - Throws: `NetworkError`, `ExperimentError`.
  func checkNetworks(_ dataset: Dataset, _ tell: (Snapshot.Stage) -> Void) throws
  /// Makes the lanes.
  /// - Throws: what keeps them from training.
  func makeLanes(_ data: LaneData, _ engine: LocalEngine, _ tell: (Snapshot.Stage) -> Void) throws -> PreparedLanes
  /// Gives back what the source holds: nothing of it will train.
  func discard()
}

/// The lanes of a run, ready to start.
struct PreparedLanes {
  /// What the lanes share.
  var run: LocalEngine.Run
  /// All lanes, in the order of their panels.
  var lanes: [Lane]
  /// Where each lane starts; lanes that have ended are left out.
  var starts: [String: LaneStart]
  /// The events that the engine's record begins with.
  var events: [EngineEvent]
  /// Where the recorder goes on.
  var position = RunWriter.Position()
  /// What is told once the lanes are there.
  var reports: [HealthReport] = []
}

extension RunSource {
  func checkNetworks(_ dataset: Dataset, _ tell: (Snapshot.Stage) -> Void) throws {}
  func discard() {}
}

extension LocalEngine {
  /// Prepares a run, the only one, on a thread of its own, and starts its lanes: reads what was asked for, then the data
  /// set, fits the networks, prepares the images and makes the lanes.
  /// - Parameters:
  ///   - words: what is read first, for people.
  ///   - open: reads and checks what was asked for.
  func prepare(_ words: String, _ id: CommandID, _ open: @escaping @Sendable () throws -> any RunSource) {
    guard let preparation = record.beginPreparation(Snapshot.Stage(.request, words), id) else {
      return record.append(.refused(id, "an experiment was started already"))
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

  /// Ends a preparation. There are no lanes yet to tell; the preparation finds out when it is done.
  func stopsPreparation() -> Bool { record.failPreparation("stopped before training began") }

  // Whether the lanes were started; not where somebody has stopped the preparation.
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

  // Splits and prepares the images, on as many cores as the lanes will have. A stop ends this at once.
  private func prepareImages(_ dataset: Dataset, _ source: any RunSource, _ preparation: Int) throws -> LaneData {
    preparations.enter()
    defer { preparations.leave() }
    let cores = max(1, min(processors, source.threads * source.experiment.lanes.count))
    return try LaneData(dataset, experiment: source.experiment, threads: cores) { [record] words in
      guard record.isPreparing(preparation) else { throw CancellationError() }
      record.setPreparing(Snapshot.Stage(.images, words), preparation)
    }
  }

  /// What the lanes of a run share.
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
