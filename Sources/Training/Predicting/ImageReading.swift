import Datasets
import EngineProtocol
import Foundation
import Tensors

/// The image that a question is about.
struct ImageReading {
  /// Its bytes, in the size and channels of the data set's.
  let pixels: ByteStorage

  private let question: ImageQuestion
  private let data: LaneData
  private let bytes: [UInt8]
  private let label: Int?

  /// Reads a validation image or a drawn one.
  /// - Throws: `ExperimentError` if there is no such image, or the drawn one has another size.
  init(_ question: ImageQuestion, _ data: LaneData) throws {
    let images = data.dataset.training
    switch question {
    case .validation(let number):
      let count = data.split.validation.count
      guard (0..<count).contains(number) else {
        throw ExperimentError(
          code: .unfit, message: "expected a validation image from 0 to \(count - 1), found \(number)")
      }
      let first = Int(data.split.validation[number]) * images.featureCount
      bytes = (first..<first + images.featureCount).map { images.pixels[$0] }
      label = Int(images.labels[Int(data.split.validation[number])])
    case .drawn(let drawn):
      let size = images.width * images.height
      guard drawn.count == size else {
        throw ExperimentError(
          code: .unfit,
          message: "expected \(size) bytes, an image of \(images.width)×\(images.height), found \(drawn.count)")
      }
      bytes = drawn.flatMap { Array(repeating: $0, count: images.channels) }
      label = nil
    }
    pixels = ByteStorage(bytes)
    (self.question, self.data) = (question, data)
  }

  /// The answers of lanes, with the image.
  func answers(_ answers: [ImageAnswers.Answer]) -> ImageAnswers {
    let images = data.dataset.training
    return ImageAnswers(
      question: question, width: images.width, height: images.height, channels: images.channels,
      pixels: label == nil ? Data() : Data(bytes), imageCount: data.split.validation.count, label: label,
      classes: data.dataset.classes, answers: answers)
  }
}
