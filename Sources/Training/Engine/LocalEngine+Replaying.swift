package import EngineProtocol
import Foundation
package import RunStore

// How a recorded run is trained again, from its seed, to see whether it comes to the same weights.

extension LocalEngine {
  /// Trains the lanes of a run that have come to a result anew, from the first step: the same changes at the same steps.
  /// Nothing is recorded. The results are to be held against `recordedResults`.
  package func replay(_ history: RunHistory) {
    prepare("reading \(history.description.id)", CommandID(0)) { [self] preparation in
      let experiment = try RecordedExperiment(history, environment: resolver.environment)
      let dataset = try experiment.load { [record] in record.setPreparing($0, preparation) }
      let threads = history.description.lanes.first?.threads ?? 1
      let data = try prepareData(dataset, experiment.experiment, threads: threads, preparation)
      let lineage = RunLineage(history.events)
      let ended = lineage.lanes.filter { $0.result != nil }
      let ledger = TeacherLedger(
        experiment.experiment.lanes, present: Set(ended.map(\.description.name)), archive: nil)
      let run = makeRun(data, seed: experiment.experiment.seed, threads: threads, nil, ledger)
      guard !ended.isEmpty else {
        throw ExperimentError(
          code: .unfit, message: "\(history.description.id): expected a lane with a result to replay, found none")
      }
      let plans = try ended.map { try experiment.plan(of: $0, lineage, nil) }
      for plan in plans {
        guard let teacher = plan.distillation?.teacher, !plans.contains(where: { $0.name == teacher }) else { continue }
        throw ExperimentError(
          code: .unfit,
          message: """
            \(history.description.id): expected a result of lane \(teacher), which lane \(plan.name) learned from, to \
            replay both; found none
            """)
      }
      let lanes = plans.map { Lane($0, run.surroundings) }
      var description = history.description
      (description.id, description.directory) = ("", nil)
      description.lanes = ended.map(\.description)
      guard record.begin(lanes, events: [.started(description)], preparation, isWanted: { self.run = run }) else {
        return
      }
      for (lane, recorded) in zip(lanes, ended) {
        var script = lineage.changes(of: recorded)
        for index in script.indices { script[index].isJournaled = false }
        if let result = recorded.result, result.wasStopped {
          script.append(ScriptedChange(step: result.steps, deed: .stop, isJournaled: false, origin: "replay"))
        }
        var start = LaneStart()
        start.script = script
        lane.start(start)
      }
    }
  }

  /// What the lanes of a run have come to, in their order; of lanes that have not ended, nothing.
  package static func recordedResults(of history: RunHistory) -> [LaneResult] {
    RunLineage(history.events).lanes.compactMap(\.result)
  }
}
