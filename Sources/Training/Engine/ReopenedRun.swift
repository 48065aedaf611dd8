import Datasets
import EngineProtocol
import Foundation
import RunStore
import Tensors

extension LocalEngine {
  /// Continues the recorded run in a directory.
  func reopen(_ directory: String, _ id: CommandID) {
    prepare("reading \(directory)", id) { [self] in
      let archive = try RunArchive.open(directory: directory)
      do { return try ReopenedRun(archive, self) } catch {
        archive.close()
        throw error
      }
    }
  }
}

/// A recorded run that continues from its newest checkpoints and its journal.
struct ReopenedRun: RunSource {
  let threads: Int

  private let archive: RunArchive
  private let lineage: RunLineage
  private let recorded: RecordedExperiment

  var experiment: Experiment { recorded.experiment }
  var datasetName: String { recorded.datasetName }

  /// Reads a run's directory.
  /// - Throws: `ExperimentError`; `StoreError` if there is no run to continue.
  init(_ archive: RunArchive, _ engine: LocalEngine) throws {
    self.archive = archive
    let begun = try archive.outline(points: false)
    lineage = RunLineage(begun.events)
    guard !lineage.lanes.isEmpty else {
      throw ExperimentError(
        code: .unfit, message: "\(archive.id): expected a run that has started, found one whose engine ended before")
    }
    recorded = try RecordedExperiment(begun, environment: engine.resolver.environment)
    threads = begun.description.lanes.first?.threads ?? 1
  }

  func loadDataset(_ progress: @escaping (String) -> Void) throws -> Dataset { try recorded.load(progress) }

  func discard() { archive.close() }

  func makeLanes(_ data: LaneData, _ engine: LocalEngine, _ tell: (Snapshot.Stage) -> Void) throws -> PreparedLanes {
    tell(Snapshot.Stage(.checkpoints, "reading the checkpoints"))
    // A crash may leave checkpoints of a fork or a rewind that was never recorded. A later one must not find them.
    for checkpoint in try archive.checkpoints() where !lineage.has(checkpoint) { try archive.delete(checkpoint) }
    var warnings: [String] = []
    let starts = try starts(&warnings)
    // The first step of each branch that is recorded again.
    var cuts: [BranchKey: Int] = [:]
    for lane in lineage.lanesToGoOn {
      let name = lane.description.name
      guard let start = starts[name] else { continue }
      try archive.truncate(lane: name, branch: lane.branch, after: start.keptStep)
      // The lane's result was recorded at its last step, and is removed too.
      cuts[BranchKey(lane: name, branch: lane.branch)] = start.keptStep.map { lane.result == nil ? $0 + 1 : $0 } ?? 0
    }
    let history = try archive.outline()
    let recorder = try RunRecorder(archive, record: engine.record)
    let ledger = TeacherLedger(experiment.lanes, archive: archive)
    for lane in lineage.lanes where starts[lane.description.name] == nil { ledger.end(lane.description.name) }
    let run = engine.makeRun(data, seed: experiment.seed, threads: threads, recorder, ledger)
    let lanes = try lineage.lanes.map { lane in
      let plan = try recorded.plan(of: lane, lineage, starts[lane.description.name]?.image)
      let made = Lane(plan, run.surroundings, steering: recorded.steering?.changes[plan.name] ?? [])
      made.restore(history, newestBranch: lane.branch, goesOn: starts[plan.name] != nil)
      return made
    }
    let now = Date().timeIntervalSince1970
    return PreparedLanes(
      run: run, lanes: lanes, starts: starts, events: history.events.map(\.event),
      position: RunWriter.Position(history, cuts: cuts),
      reports: warnings.map { HealthReport(.warning, $0, time: now) } + [
        HealthReport(.information, beginning(starts), time: now)
      ])
  }

  private func beginning(_ starts: [String: LaneStart]) -> String {
    guard !starts.isEmpty else { return "\(archive.id): every lane has ended, so there is nothing to resume" }
    let places = starts.sorted { $0.key < $1.key }.map { "\($0) at step \($1.step)" }
    return "the run continues: \(places.joined(separator: ", "))"
  }

  // The starting points of the lanes that have not ended.
  private func starts(_ warnings: inout [String]) throws -> [String: LaneStart] {
    let checkpoints = try archive.checkpoints()
    let lost = archive.lostCheckpoints
    var starts: [String: LaneStart] = [:]
    for lane in lineage.lanesToGoOn {
      let name = lane.description.name
      let start = start(of: lane, checkpoints, &warnings)
      if start.image == nil, let imported = lane.description.imported {
        throw ExperimentError(
          code: .unfit,
          message: "\(archive.id): expected a checkpoint of lane \(name), whose weights were imported from "
            + "\(imported.file); found none that can be read")
      }
      starts[name] = start
      let gone = lost.filter { $0.lane == name && $0.step > start.step }.map { "step \($0.step)" }
      if !gone.isEmpty {
        warnings.append(
          """
          \(archive.directory)/checkpoints: the checkpoint of lane \(name) at \
          \(gone.joined(separator: ", ")) is missing; the lane continues from \(start.place)
          """)
      }
    }
    return starts
  }

  // The newest readable checkpoint, with the journal's changes after it.
  private func start(of lane: RunLineage.Lane, _ checkpoints: [Checkpoint], _ warnings: inout [String]) -> LaneStart {
    let name = lane.description.name
    var start = LaneStart()
    let steering = recorded.steering?.changes[name] ?? []
    start.branch = lane.branch
    var (done, steered) = (0, 0)
    var damages: [String] = []
    for checkpoint in lineage.checkpoints(of: lane, among: checkpoints) {
      do {
        let file = try archive.file(of: checkpoint)
        let (image, state) = try LaneStateFile.read(file.path, sha256: file.sha256)
        start.image = image
        start.step = state.step
        (done, steered) = (state.changes, state.steered)
        if checkpoint.lane == name, checkpoint.branch == lane.branch { start.keptStep = state.step }
        break
      } catch {
        damages.append("\(error)")
      }
    }
    let found = start.image == nil ? "its beginning" : "an older checkpoint, at step \(start.step)"
    warnings += damages.map { "\($0); \(name) continues from \(found)" }
    // If the branch's own checkpoints are lost, the steps up to its start are trained again without recording them.
    if start.keptStep == nil, let beginning = lane.beginning(of: lane.branch) { start.recordedUntil = beginning.step }
    if start.keptStep == nil, start.recordedUntil < 0, let fork = lane.description.fork {
      start.recordedUntil = fork.step
    }
    let journaled = lineage.changes(of: lane).dropFirst(done)
    // The crash may have happened before the fork's own changes were written.
    let changed = lane.description.fork.map { fork in
      (lane.changes[1] ?? []).isEmpty && lane.branch == 1 ? fork.settings : []
    }
    let forked = (changed ?? []).map {
      ScriptedChange(
        step: start.step, action: .set($0.hyperparameter, $0.value), isJournaled: false, origin: "fork")
    }
    steered = journaled.compactMap(\.scriptIndex).reduce(steered) { max($0, $1 + 1) }
    start.script = (journaled + forked + steering.dropFirst(steered)).inOrderOfSteps()
    return start
  }
}
