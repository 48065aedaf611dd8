import Datasets
package import EngineProtocol
import Foundation
package import RunStore
import Tensors

extension LocalEngine {
  /// Trains the lanes of a run that have a result again from the first step, with the same changes at the same steps.
  /// Nothing is recorded. Compare the results with `recordedResults`.
  package func replay(_ history: RunHistory) {
    prepare("reading \(history.description.id)", .unasked) { [self] in try ReplayedRun(history, self) }
  }

  /// Returns the results of a run's lanes in order, without lanes that have not ended.
  package static func recordedResults(of history: RunHistory) -> [LaneResult] {
    RunLineage(history.events).lanes.compactMap(\.result)
  }
}

/// A recorded run that is trained again from its seed, to check whether it reaches the same weights.
struct ReplayedRun: RunSource {
  let experiment: Experiment
  let threads: Int
  let datasetName: String

  private let recorded: RecordedExperiment
  private let history: RunHistory
  private let lineage: RunLineage
  private let ended: [RunLineage.Lane]
  private let plans: [LanePlan]

  /// Reads a run.
  /// - Throws: `ExperimentError` if there is nothing to replay.
  init(_ history: RunHistory, _ engine: LocalEngine) throws {
    self.history = history
    let recorded = try RecordedExperiment(history, environment: engine.resolver.environment)
    self.recorded = recorded
    experiment = recorded.experiment
    datasetName = recorded.datasetName
    threads = history.description.lanes.first?.threads ?? 1
    let id = history.description.id
    let lineage = RunLineage(history.events)
    self.lineage = lineage
    ended = lineage.lanes.filter { $0.result != nil }
    guard !ended.isEmpty else {
      throw ExperimentError(code: .unfit, message: "\(id): expected a lane with a result to replay, found none")
    }
    plans = try ended.map { try recorded.plan(of: $0, lineage, nil) }
    for plan in plans {
      guard let teacher = plan.distillation?.teacher, !plans.contains(where: { $0.name == teacher }) else { continue }
      throw ExperimentError(
        code: .unfit,
        message: """
          \(id): expected a result of lane \(teacher), the teacher of lane \(plan.name), to replay both; found none
          """)
    }
  }

  func loadDataset(_ progress: @escaping (String) -> Void) throws -> Dataset { try recorded.load(progress) }

  func makeLanes(_ data: LaneData, _ engine: LocalEngine, _ tell: (Snapshot.Stage) -> Void) throws -> PreparedLanes {
    let ledger = TeacherLedger(experiment.lanes, present: Set(ended.map(\.description.name)), archive: nil)
    let run = engine.makeRun(data, seed: experiment.seed, threads: threads, nil, ledger)
    let lanes = plans.map { Lane($0, run.surroundings) }
    var description = history.description
    (description.id, description.directory) = ("", nil)
    description.lanes = ended.map(\.description)
    let starts = try zip(lanes, ended).map { ($0.name, try start(of: $1)) }
    return PreparedLanes(
      run: run, lanes: lanes, starts: Dictionary(uniqueKeysWithValues: starts), events: [.started(description)])
  }

  private func start(of lane: RunLineage.Lane) throws -> LaneStart {
    var script = lineage.changes(of: lane)
    for index in script.indices { script[index].isJournaled = false }
    if let result = lane.result, result.wasStopped {
      script.append(ScriptedChange(step: result.steps, action: .stop, isJournaled: false, origin: "replay"))
    }
    return LaneStart(image: try importedImage(of: lane), script: script)
  }

  // The first checkpoint of a lane whose weights are from elsewhere: no seed gives them again. A fork's first ancestor counts.
  private func importedImage(of lane: RunLineage.Lane) throws -> SafetensorsImage? {
    var ancestor = lane
    while let fork = ancestor.description.fork, let parent = lineage.lane(fork.lane) { ancestor = parent }
    guard let imported = ancestor.description.imported else { return nil }
    let name = ancestor.description.name
    let first = history.checkpoints.first { $0.lane == name && $0.reason == .start }
    guard let first, let directory = history.description.directory else {
      throw ExperimentError(
        code: .unfit,
        message:
          "\(history.description.id): expected the first checkpoint of lane \(name), whose weights were imported "
          + "from \(imported.file); found none")
    }
    let file = try RunArchive.file(of: first, in: directory)
    return try SafetensorsImage.read(file.path, sha256: file.sha256)
  }
}
