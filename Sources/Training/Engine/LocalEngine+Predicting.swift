import Datasets
import EngineProtocol
import Foundation
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
}
