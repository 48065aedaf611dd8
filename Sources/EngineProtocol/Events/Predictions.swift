package import Foundation
package import TrainingMetrics

/// The predictions of a lane's network for the validation images.
package struct LanePredictions: Hashable, Codable, Sendable {
  /// A wrong prediction.
  package struct Mistake: Hashable, Codable, Sendable {
    /// The image's number among the validation images, from 0.
    package var image: Int
    /// The class of the image.
    package var label: Int
    /// The predicted class.
    package var prediction: Int
    /// The softmax of the prediction's logit, 0...1.
    package var probability: Double
    /// The class that the latent weights predict; nil if the lane has none.
    package var latentPrediction: Int?

    /// A wrong prediction.
    package init(image: Int, label: Int, prediction: Int, probability: Double, latentPrediction: Int?) {
      (self.image, self.label, self.prediction) = (image, label, prediction)
      (self.probability, self.latentPrediction) = (probability, latentPrediction)
    }
  }

  /// The weights.
  package var weights: DeployedWeights
  /// The images: “6,000 validation images of fashion-mnist”.
  package var images: String
  /// The names of the classes.
  package var classes: [String]
  /// The predictions of the network as it is exported.
  package var matrix: ConfusionMatrix
  /// The predictions of its latent weights, with batch-normalization statistics of their own; nil if it has none.
  package var latentMatrix: ConfusionMatrix?
  /// The wrong predictions, the most probable first; at most `mostMistakes`.
  package var mistakes: [Mistake]

  /// The largest number of mistakes that are listed.
  package static let mostMistakes = 200

  /// The predictions of a lane's network.
  package init(
    weights: DeployedWeights, images: String, classes: [String], matrix: ConfusionMatrix,
    latentMatrix: ConfusionMatrix?, mistakes: [Mistake]
  ) {
    (self.weights, self.images, self.classes) = (weights, images, classes)
    (self.matrix, self.latentMatrix, self.mistakes) = (matrix, latentMatrix, mistakes)
  }
}

/// The answers of all lanes for an image.
package struct ImageAnswers: Hashable, Codable, Sendable {
  /// A lane's answer.
  package struct Answer: Hashable, Codable, Sendable {
    /// The lane's name.
    package var lane: String
    /// The weights: updates done when they were read.
    package var step: Int
    /// The softmax of the logits, one number per class. It is not calibrated.
    package var probabilities: [Double]
    /// The same for the latent weights; nil if the lane has none.
    package var latentProbabilities: [Double]?

    /// A lane's answer.
    package init(lane: String, step: Int, probabilities: [Double], latentProbabilities: [Double]?) {
      (self.lane, self.step) = (lane, step)
      (self.probabilities, self.latentProbabilities) = (probabilities, latentProbabilities)
    }
  }

  /// What was asked.
  package var question: ImageQuestion
  /// The image's size in pixels.
  package var width, height: Int
  /// Bytes per pixel: 1 for grey, 3 for red, green and blue.
  package var channels: Int
  /// The image's bytes, row by row; empty if the question has them.
  package var pixels: Data
  /// The number of validation images.
  package var imageCount: Int
  /// The class of the image; nil if it is unknown.
  package var label: Int?
  /// The names of the classes.
  package var classes: [String]
  /// An answer per lane, in the order of the lanes. Lanes without weights are left out.
  package var answers: [Answer]

  /// Answers for an image.
  package init(
    question: ImageQuestion, width: Int, height: Int, channels: Int, pixels: Data, imageCount: Int, label: Int?,
    classes: [String], answers: [Answer]
  ) {
    (self.question, self.width, self.height, self.channels) = (question, width, height, channels)
    (self.pixels, self.imageCount, self.label) = (pixels, imageCount, label)
    (self.classes, self.answers) = (classes, answers)
  }
}
