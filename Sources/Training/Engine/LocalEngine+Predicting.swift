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
    let images = data.dataset.training
    let pixels: [UInt8]
    var label: Int?
    switch question {
    case .validation(let number):
      let count = data.split.validation.count
      guard (0..<count).contains(number) else {
        return record.append(
          .refused(sender.command, "expected a validation image from 0 to \(count - 1), found \(number)"))
      }
      let index = Int(data.split.validation[number])
      pixels = (0..<images.featureCount).map { images.pixels[index * images.featureCount + $0] }
      label = Int(images.labels[index])
    case .drawn(let drawn):
      guard drawn.count == images.width * images.height else {
        return record.append(
          .refused(
            sender.command,
            "expected \(images.width * images.height) bytes, an image of \(images.width)×\(images.height), found \(drawn.count)"
          ))
      }
      pixels = drawn.flatMap { Array(repeating: $0, count: images.channels) }
    }
    predictors.begin { [self, label] in
      do {
        let task = EngineDeployments.Task("", .classifying)
        let answers = try record.lanes.map { lane in
          try predictors.predictor(of: lane) {
            let (source, choice) = try trainedLane(lane, .newest, run, task)
            return LanePredictor(try network(of: source, lane, choice, run), data)
          }.answer(ByteStorage(pixels))
        }
        let isDrawn = label == nil
        record.append(
          .imageAnswered(
            sender.command,
            ImageAnswers(
              question: question, width: images.width, height: images.height, channels: images.channels,
              pixels: isDrawn ? Data() : Data(pixels), imageCount: data.split.validation.count, label: label,
              classes: data.dataset.classes, answers: answers)))
      } catch {
        record.append(.refused(sender.command, "the image can't be classified: \(error)"))
      }
    }
  }
}
