import Datasets
import EngineProtocol
import Foundation
import RunStore
import Tensors

// How a recorded run is gone on with.

extension LocalEngine {
  func reopen(_ directory: String, _ id: CommandID) {
    prepare("reading \(directory)", id) { [self] preparation in
      let archive = try RunArchive.open(directory: directory)
      var isTaken = false
      defer { if !isTaken { archive.close() } }
      isTaken = try reopen(archive, preparation)
    }
  }

  // Whether the run was taken up, and with it the archive.
  private func reopen(_ archive: RunArchive, _ preparation: Int) throws -> Bool {
    let begun = try archive.outline(points: false)
    let lineage = RunLineage(begun.events)
    guard !lineage.lanes.isEmpty else {
      throw ExperimentError(
        code: .unfit, message: "\(archive.id): expected a run that had begun, found one whose engine ended before")
    }
    let experiment = try RecordedExperiment(begun, environment: resolver.environment)
    let dataset = try experiment.load { [record] in record.setPreparing($0, preparation) }
    let threads = begun.description.lanes.first?.threads ?? 1
    let data = try prepareData(dataset, experiment.experiment, threads: threads, preparation)
    record.setPreparing("reading the checkpoints", preparation)
    // What a crash has left of a fork or a rewind that nobody has heard of must not be taken for another's.
    for checkpoint in try archive.checkpoints() where !lineage.has(checkpoint) { try archive.delete(checkpoint) }
    let checkpoints = try archive.checkpoints()
    var starts: [String: LaneStart] = [:]
    var warnings: [String] = []
    let lost = archive.lostCheckpoints
    // The first step of each branch that is told once more.
    var cuts: [BranchKey: Int] = [:]
    for lane in lineage.lanesToGoOn {
      let start = start(of: lane, lineage, checkpoints, archive, experiment, &warnings)
      starts[lane.description.name] = start
      let gone = lost.filter { $0.lane == lane.description.name && $0.step > start.step }.map { "step \($0.step)" }
      if !gone.isEmpty {
        warnings.append(
          """
          \(archive.directory)/checkpoints: the checkpoint of lane \(lane.description.name) at \
          \(gone.joined(separator: ", ")) is missing; the lane goes on from \(start.place)
          """)
      }
      try archive.truncate(lane: lane.description.name, branch: lane.branch, after: start.keptStep)
      // What a lane came to stands at its last step, and goes too.
      let place = BranchKey(lane: lane.description.name, branch: lane.branch)
      cuts[place] = start.keptStep.map { lane.result == nil ? $0 + 1 : $0 } ?? 0
    }
    let history = try archive.outline()
    let recorder = try RunRecorder(archive, record: record)
    let ledger = TeacherLedger(experiment.experiment.lanes, archive: archive)
    for lane in lineage.lanes where starts[lane.description.name] == nil { ledger.end(lane.description.name) }
    let run = makeRun(data, seed: experiment.experiment.seed, threads: threads, recorder, ledger)
    let lanes = try lineage.lanes.map { lane in
      let plan = try experiment.plan(of: lane, lineage, starts[lane.description.name]?.image)
      let made = Lane(plan, run.surroundings, steering: experiment.steering?.changes[plan.name] ?? [])
      made.restore(history, newestBranch: lane.branch, goesOn: starts[plan.name] != nil)
      return made
    }
    let position = RunWriter.Position(history, cuts: cuts)
    let past = history.events.map(\.event)
    guard record.begin(lanes, events: past, preparation, isWanted: { self.run = run }) else { return false }
    recorder.start(after: position)
    for warning in warnings { record.warn(warning) }
    guard !starts.isEmpty else {
      record.append(
        .health(
          HealthReport(
            .information, "\(archive.id): every lane has ended; there is nothing to go on with",
            time: Date().timeIntervalSince1970)))
      return true
    }
    let places = starts.sorted { $0.key < $1.key }.map { "\($0) at step \($1.step)" }
    record.append(
      .health(
        HealthReport(
          .information, "the run goes on: \(places.joined(separator: ", "))", time: Date().timeIntervalSince1970)))
    for lane in lanes {
      if let start = starts[lane.name] { lane.start(start) }
    }
    return true
  }

  // From the newest checkpoint that can be read, with what the journal tells after it.
  private func start(
    of lane: RunLineage.Lane, _ lineage: RunLineage, _ checkpoints: [Checkpoint], _ archive: RunArchive,
    _ experiment: RecordedExperiment, _ warnings: inout [String]
  ) -> LaneStart {
    let name = lane.description.name
    var start = LaneStart()
    let steering = experiment.steering?.changes[name] ?? []
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
    let found = start.image == nil ? "its beginning" : "an older checkpoint, that of step \(start.step)"
    warnings += damages.map { "\($0); \(name) goes on from \(found)" }
    // Where the branch's own checkpoints are lost, the way up to its beginning is trained again, and not recorded.
    if start.keptStep == nil, let beginning = lane.beginning(of: lane.branch) { start.recordedUntil = beginning.step }
    if start.keptStep == nil, start.recordedUntil < 0, let fork = lane.description.fork {
      start.recordedUntil = fork.step
    }
    let journaled = lineage.changes(of: lane).dropFirst(done)
    // A crash may have come before the fork's own changes were written.
    let changed = lane.description.fork.map { fork in
      (lane.changes[1] ?? []).isEmpty && lane.branch == 1 ? fork.settings : []
    }
    let forked = (changed ?? []).map {
      ScriptedChange(
        step: start.step, deed: .set($0.hyperparameter, $0.value), isJournaled: false, origin: "fork")
    }
    steered = journaled.compactMap(\.scriptIndex).reduce(steered) { max($0, $1 + 1) }
    start.script = (journaled + forked + steering.dropFirst(steered)).inOrderOfSteps()
    return start
  }
}
