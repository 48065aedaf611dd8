import Datasets
import EngineProtocol
import Foundation
import RunStore
import Tensors

// Classifying images for clients with copies of lanes, also while they train.

extension LocalEngine {
  /// Classifies the validation images with a lane's network and with its latent weights.
  func classify(_ name: String, _ choice: WeightsChoice?, _ sender: Sender) {
    deploy(name, .classifying, sender) { [self] task, lane, run in
      let (source, choice) = try trainedLane(lane, choice, run, task)
      let predictor = LanePredictor(try network(of: source, lane, choice, run), run.surroundings.data)
      let predictions = try predictor.predictions { share in
        try task.check()
        deployments.report("classifying the validation images", share)
      }
      return .laneClassified(sender.command, predictions)
    }
  }

  /// Classifies one image with the newest weights of every lane.
  func answer(_ question: ImageQuestion, _ sender: Sender) {
    guard let run, !record.lanes.isEmpty else {
      return record.append(.refused(sender.command, "there are no lanes yet"))
    }
    let data = run.surroundings.data
    let reading: ImageReading
    do { reading = try ImageReading(question, data) } catch {
      return record.append(.refused(sender.command, "\(error)"))
    }
    predictors.begin { [self] in
      do {
        let task = EngineDeployments.Task("", .classifying)
        let answers = try record.lanes.map { lane in
          try predictors.predictor(of: lane) {
            let (source, choice) = try trainedLane(lane, .newest, run, task)
            return LanePredictor(try network(of: source, lane, choice, run), data)
          }.answer(reading.pixels)
        }
        record.append(.imageAnswered(sender.command, reading.answers(answers)))
      } catch {
        record.append(.refused(sender.command, "the image can't be classified: \(error)"))
      }
    }
  }

  /// Reads the weights of a layer of a lane.
  func read(_ request: WeightsRequest, _ sender: Sender) {
    guard let lane = lanes(in: .lane(request.lane), sender.command)?.first, let run else { return }
    predictors.begin { [self] in
      do {
        let weights = try predictors.weights(for: request, of: lane) { try read(request, lane, run) }
        record.append(.weightsRead(sender.command, weights))
      } catch {
        let failure = DeploymentFailure(lane: lane.name, work: .reading, reason: "\(error)")
        record.append(.deploymentFailed(sender.command, failure))
      }
    }
  }

  private func read(_ request: WeightsRequest, _ lane: Lane, _ run: Run) throws -> LayerWeights {
    let directory = run.recorder?.archive.directory
    let checkpoints = try directory.flatMap { directory in
      request.step == nil && request.unit == nil ? nil : try LaneCheckpoints(of: lane.name, in: directory)
    }
    let tensors: LayerTensors
    if let step = request.step {
      guard let checkpoints else {
        throw ExperimentError(code: .unfit, message: "expected a recorded run, found one without checkpoints")
      }
      tensors = try checkpoints.open(step: step, branch: request.branch).layer(request.layer)
    } else {
      tensors = try newestTensors(request.layer, lane, directory)
    }
    return try LayerWeights(
      tensors, request, branch: lane.record.snapshot.branch, images: run.surroundings.data.split.training.count,
      Compute(threads: 1)
    ) { item, isMoving in
      try checkpoints?.course(of: request, item, isMoving: isMoving, upTo: tensors.state.step) ?? []
    }
  }

  // A lane that trains gives them between two batches; those of one that has ended are in the run's directory.
  private func newestTensors(_ layer: String?, _ lane: Lane, _ directory: String?) throws -> LayerTensors {
    let capture = LaneCapture<LayerTensors>()
    if lane.mailbox.post(.readLayer(layer, capture), from: Sender(.unasked, "")) {
      do { return try capture.wait {} } catch is LaneHasEnded {}
    }
    // The lane may still be tested.
    while !lane.hasEnded { Thread.sleep(forTimeInterval: 0.01) }
    if let image = lane.weightsAtEnd { return try PartialCheckpoint(image).layer(layer) }
    guard let directory else {
      throw ExperimentError(code: .unfit, message: "expected the weights of lane \(lane.name), found none")
    }
    return try LaneCheckpoints(of: lane.name, in: directory).open(step: nil, branch: nil).layer(layer)
  }
}
