import EngineProtocol
import RunStore

// Comparing two checkpoints of a lane for clients.

extension LocalEngine {
  /// Compares two checkpoints of a lane, while training goes on.
  func compareMoments(_ request: MomentsRequest, _ sender: Sender) {
    guard isRecorded(sender) else { return }
    deploy(request.lane, .comparing, sender) { [self] task, _, run in
      guard let recorder = run.recorder else {
        throw ExperimentError(code: .unfit, message: "the run is not recorded, so it has no checkpoints")
      }
      deployments.report("comparing checkpoints")
      let paths = try [request.first, request.second].map { place in
        let known = recorder.checkpoints.filter { $0.lane == request.lane }
        return try recorder.archive.file(of: try place.find(in: known)).path
      }
      let comparison = try MomentsComparison(
        request, paths: (paths[0], paths[1]), data: run.surroundings.data, deploymentCompute
      ) { try task.check() }
      return .momentsCompared(sender.command, comparison)
    }
  }
}

extension MomentsRequest.Place {
  /// Returns the checkpoint at this place.
  /// - Throws: `ExperimentError` with the steps of the known ones.
  func find(in checkpoints: [Checkpoint]) throws -> Checkpoint {
    if let found = checkpoints.first(where: { $0.branch == branch && $0.step == step }) { return found }
    let steps = checkpoints.map { $0.branch == 1 ? "\($0.step)" : "\($0.step) (branch \($0.branch))" }
    throw ExperimentError(
      code: .unfit,
      message:
        "expected a checkpoint at one of the steps \(steps.joined(separator: ", ")), found \(step) (branch \(branch))"
    )
  }
}
