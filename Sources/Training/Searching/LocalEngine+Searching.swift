import EngineProtocol
import RunStore
import Tensors

// Searching for a learning rate for clients, on copies of lanes.

extension LocalEngine {
  /// Sweeps a rate on a copy of a lane, while all lanes are held between two batches.
  func findRate(_ search: RateSearch, _ sender: Sender) {
    deploy(search.lane, .searching, sender) { [self] task, lane, run in
      defer { resumeLanes() }
      try holdLanes("the search of a rate for \(search.lane)", task)
      let image = try stateImage(of: lane, run, task)
      deployments.report("preparing a copy", holdsTraining: true)
      let sweep = try RateSweep(
        image, branch: lane.record.snapshot.branch, data: run.surroundings.data, seed: run.surroundings.seed,
        threads: processors)
      let curve = try sweep.run(search) { share in
        try task.check()
        deployments.report("sweeping", share, holdsTraining: true)
      }
      return .rateFound(sender.command, curve)
    }
  }

  // The state of a lane with all that training needs: of one that trains as it is, of one that has ended from its newest
  // checkpoint.
  private func stateImage(of lane: Lane, _ run: Run, _ task: EngineDeployments.Task) throws -> SafetensorsImage {
    let capture = LaneCapture<SafetensorsImage>(isForTraining: true)
    if lane.mailbox.post(.capture(capture), from: Sender(.unasked, "")) {
      do { return try capture.wait { try task.check() } } catch is LaneHasEnded {}
    }
    guard let recorder = run.recorder else {
      throw ExperimentError(
        code: .unfit, message: "lane \(lane.name) has ended, and the run is not recorded, so it has no checkpoint")
    }
    _ = recorder.commit()
    let branch = lane.record.snapshot.branch
    let checkpoints = recorder.checkpoints.filter { $0.lane == lane.name }
    guard
      let newest = checkpoints.max(by: {
        ($0.branch == branch ? 1 : 0, $0.step) < ($1.branch == branch ? 1 : 0, $1.step)
      })
    else { throw ExperimentError(code: .unfit, message: "lane \(lane.name) has no checkpoint") }
    let file = try recorder.archive.file(of: newest)
    return try SafetensorsImage.read(file.path, sha256: file.sha256)
  }
}
