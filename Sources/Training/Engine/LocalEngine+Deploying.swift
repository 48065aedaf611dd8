import Benchmarks
import Deployment
import EngineProtocol
import Foundation
import NeuralNetworks
import RunStore
import Tensors

// Packing, timing, exporting and inspecting lanes for clients, also while they train.

extension LocalEngine {
  /// Packs a lane's network, and compares it with the trainer's on the validation images.
  func pack(_ name: String, _ choice: WeightsChoice?, _ sender: Sender) {
    deploy(name, .packing, sender) { [self] task, lane, run in
      let packed = try packed(lane, choice, run, task)
      let comparison = try compare(packed, CheckImages(validationOf: run.surroundings.data), task)
      return .lanePacked(sender.command, packed.packing(comparison))
    }
  }

  /// Packs a lane's network, compares it with the trainer's on the test images, and writes it.
  func export(_ request: ExportLaneRequest, _ sender: Sender) {
    guard let format = ExportFormat.all.first(where: { $0.name == request.format }) else {
      let names = ExportFormat.all.map(\.name).joined(separator: ", ")
      return record.append(.refused(sender.command, "expected a format of \(names), found “\(request.format)”"))
    }
    guard request.path.hasPrefix("/") else {
      return record.append(.refused(sender.command, "expected an absolute path, found “\(request.path)”"))
    }
    deploy(request.lane, .exporting, sender, request) { [self] task, lane, run in
      let target = try ExportTarget(format, path: request.path, lane: lane.name, replaces: request.replaces)
      var packed = try packed(lane, request.weights, run, task)
      let images = CheckImages(testOf: run.surroundings.data.dataset)
      let comparison = try compare(packed, images, task)
      guard comparison.unexplainedCount == 0 else {
        throw ExperimentError(
          code: .unfit,
          message: "the logits of \(comparison.unexplainedCount) images differ for no known reason; nothing was written"
        )
      }
      deployments.report("writing")
      let files = try packed.files(format, symbol: target.symbol, golden: images.first(8))
      try task.check()
      let export = LaneExport(
        weights: packed.weights, format: format.name, files: try target.write(files),
        bytes: files.reduce(0) { $0 + $1.bytes.count }, floatBytes: 4 * packed.lane.trained.network.parameterCount,
        comparison: comparison)
      return .laneExported(sender.command, export)
    }
  }

  /// Measures the speed of a lane's packed network on one thread, while all lanes are held.
  func time(_ name: String, _ sender: Sender) {
    deploy(name, .timing, sender) { [self] task, lane, run in
      let packed = try packed(lane, nil, run, task)
      let benchmark = ModelBenchmark(packed.model.network)
      defer { resumeLanes() }
      try holdLanes("the timing of \(name)", task)
      let threads = 1
      func measure(_ words: String, _ batch: Int) throws -> ModelBenchmark.Result {
        try benchmark.run(batch: batch, threads: threads, seconds: Self.timingSeconds) { share in
          try task.check()
          deployments.report(words, share, holdsTraining: true)
        }
      }
      let one = try measure("timing single images", 1)
      let many = try measure("timing batches of \(Self.timingBatch)", Self.timingBatch)
      func speed(_ latency: ModelBenchmark.Times, _ imagesPerSecond: Double) -> LaneTiming.Speed {
        LaneTiming.Speed(latency: latency.median, slowLatency: latency.slow, imagesPerSecond: imagesPerSecond)
      }
      return .laneTimed(
        sender.command,
        LaneTiming(
          weights: packed.weights, packed: speed(one.packed, many.imagesPerSecond),
          float: speed(one.floatProducts, many.floatImagesPerSecond), batch: Self.timingBatch, threads: threads,
          processor: Processor.name, kernels: BitKernels.best.name))
    }
  }

  /// Measures the layers of a copy of a lane's network.
  func inspect(_ name: String, _ choice: WeightsChoice?, _ sender: Sender) {
    deploy(name, .inspecting, sender) { [self] task, lane, run in
      let (trained, choice) = try trainedLane(lane, choice, run, task)
      deployments.report("inspecting")
      let diagnostics = try LaneDiagnostics(
        trained, choice, branch: lane.record.snapshot.branch, run.surroundings.data, deploymentCompute)
      return .laneInspected(sender.command, diagnostics)
    }
  }

  private static let timingSeconds = 1.5
  private static let timingBatch = 256

  // MARK: Parts

  /// Does work on a copy of a lane, and reports its result or its failure.
  func deploy(
    _ name: String, _ work: DeploymentFailure.Work, _ sender: Sender, _ request: ExportLaneRequest? = nil,
    _ body: @escaping @Sendable (EngineDeployments.Task, Lane, Run) throws -> EngineEvent
  ) {
    guard let lane = lanes(in: .lane(name), sender.command)?.first, let run else { return }
    deployments.begin(name, work) { [record, deployments] task in
      var failure = DeploymentFailure(lane: name, work: work, reason: "")
      do {
        try task.check()
        deployments.report("waiting for the lane's next batch")
        let event = try body(task, lane, run)
        return { record.append(event) }
      } catch let error as EngineDeployments.Cancellation {
        failure.reason = error.reason ?? "cancelled"
        failure.wasCancelled = error.reason == nil
      } catch {
        failure.reason = "\(error)"
        if (error as? NewFileError)?.code == .exists { failure.existing = request }
      }
      let event = EngineEvent.deploymentFailed(sender.command, failure)
      return { record.append(event) }
    }
  }

  // Packs a lane on this thread.
  private func packed(
    _ lane: Lane, _ choice: WeightsChoice?, _ run: Run, _ task: EngineDeployments.Task
  ) throws -> PackedLane {
    let (source, choice) = try trainedLane(lane, choice, run, task)
    deployments.report("packing")
    return try PackedLane(source, try network(of: source, lane, choice, run), program: program)
  }

  /// Copies a lane's network, for the calling thread; it uses all cores when nothing trains.
  /// - Throws: `SafetensorsError`, `ExperimentError`.
  func network(of source: TrainedLane, _ lane: Lane, _ choice: WeightsChoice, _ run: Run) throws -> LaneNetwork {
    return try LaneNetwork(
      source, choice, branch: lane.record.snapshot.branch, run.surroundings.data, deploymentCompute)
  }

  /// Computes on a copy of a lane, with all cores if nothing trains.
  var deploymentCompute: Compute { Compute(threads: record.phase == .finished ? processors : 1) }

  private func compare(
    _ packed: PackedLane, _ images: CheckImages, _ task: EngineDeployments.Task
  ) throws -> PackingComparison {
    try packed.compare(images) { share in
      try task.check()
      deployments.report("comparing \(images.words)", share)
    }
  }

  /// Returns the weights of a lane. One that trains gives them between two batches; those of a lane that has ended are in
  /// the run's directory.
  /// - Throws: what `task` was cancelled with; `SafetensorsError`, `ExperimentError`.
  func trainedLane(
    _ lane: Lane, _ choice: WeightsChoice?, _ run: Run, _ task: EngineDeployments.Task
  ) throws -> (TrainedLane, WeightsChoice) {
    let whitening: Whitening? =
      if case .whitened(let whitening, _, _) = run.surroundings.data.preparation { whitening } else { nil }
    let directory = run.recorder?.archive.directory
    let id = run.recorder?.archive.id ?? ""
    let capture = LaneCapture<SafetensorsImage>()
    if lane.mailbox.post(.capture(capture), from: Sender(.unasked, "")) {
      do {
        let choice = choice ?? .newest
        let image = try capture.wait { try task.check() }
        return (try TrainedLane(image, run: id, whitening: whitening, choice), choice)
      } catch is LaneHasEnded {}
    }
    // The lane may still be tested.
    while !lane.hasEnded {
      try task.check()
      Thread.sleep(forTimeInterval: 0.01)
    }
    let choice = choice ?? .best
    if let image = lane.weightsAtEnd {
      return (try TrainedLane(image, run: id, whitening: whitening, choice), choice)
    }
    guard let directory else {
      throw ExperimentError(code: .unfit, message: "expected the weights of lane \(lane.name), found none")
    }
    return (try TrainedLane(run: directory, lane: lane.name, choice == .best ? .best : .last), choice)
  }

  // MARK: Holding lanes

  /// Returns when every lane is between two batches or has ended.
  func holdLanes(_ reason: String, _ task: EngineDeployments.Task) throws {
    hold.begin(reason)
    for lane in record.lanes { lane.mailbox.wake() }
    while let busy = record.lanes.first(where: { !$0.hasEnded && !hold.isStill($0.name) }) {
      try task.check()
      deployments.report("waiting for \(busy.name) to finish its batch", holdsTraining: true)
      Thread.sleep(forTimeInterval: 0.002)
    }
  }

  /// Ends a hold.
  func resumeLanes() {
    hold.end()
    for lane in record.lanes { lane.mailbox.wake() }
  }
}
