import Datasets
import Deployment
import EngineProtocol
import NeuralNetworks
import Tensors
import TrainingMetrics

/// Classifies images with a copy of a lane's network, and with its latent weights.
///
/// The running statistics of batch normalization are those of the network as it is exported. With latent weights its
/// sums are others, so their statistics are estimated from training images, as those of stochastic lanes are.
final class LanePredictor {
  /// The network.
  let lane: LaneNetwork

  private let data: LaneData
  private var latent: Network? = nil

  /// A predictor.
  init(_ lane: LaneNetwork, _ data: LaneData) { (self.lane, self.data) = (lane, data) }

  private var network: Network { lane.trained.network }
  private var classCount: Int { data.dataset.classes.count }

  // MARK: The validation images

  /// Classifies the validation images.
  /// - Parameter progress: called with the share that is done; an error that it throws cancels the work.
  /// - Throws: errors of `progress` unchanged.
  func predictions(_ progress: (Double) throws -> Void) throws -> LanePredictions {
    let images = data.split.validation
    let labels = images.map { Int(data.dataset.training.labels[Int($0)]) }
    let latentShare = lane.hasLatentWeights ? 0.5 : 0
    let logits = try logits(of: network, images) { try progress((1 - latentShare) * $0) }
    let latentLogits = try latentNetwork().map { network in
      try self.logits(of: network, images) { try progress(1 - latentShare + latentShare * $0) }
    }
    var matrix = ConfusionMatrix(classes: classCount)
    var latentMatrix = latentLogits.map { _ in ConfusionMatrix(classes: classCount) }
    var mistakes: [LanePredictions.Mistake] = []
    for (image, label) in labels.enumerated() {
      let prediction = Prediction(logits: logits[image])
      let found = prediction.logits.greatestPlace
      let latentFound = latentLogits.map { $0[image].greatestPlace }
      matrix.add(label: label, prediction: found)
      if let latentFound { latentMatrix?.add(label: label, prediction: latentFound) }
      guard found != label else { continue }
      mistakes.append(
        LanePredictions.Mistake(
          image: image, label: label, prediction: found, probability: prediction.probabilities[found],
          latentPrediction: latentFound))
    }
    mistakes.sort { ($1.probability, $0.image) < ($0.probability, $1.image) }
    return LanePredictions(
      weights: lane.weights, images: CheckImages(validationOf: data).words, classes: data.dataset.classes,
      matrix: matrix, latentMatrix: latentMatrix,
      mistakes: Array(mistakes.prefix(LanePredictions.mostMistakes)))
  }

  private func logits(
    of network: Network, _ images: [Int32], _ progress: (Double) throws -> Void
  ) throws -> [[Float]] {
    let loader = BatchLoader(.training, data)
    let pass = PassContext(compute: lane.compute, isTraining: false)
    let size = min(lane.trained.checkpoint.layout.evaluationBatch, 256)
    var logits: [[Float]] = []
    var batch = images.prefix(size)
    while !batch.isEmpty {
      let upcoming = images[batch.endIndex...].prefix(size)
      logits += rows(network.forward(loader.batch(.init(indices: batch), upcoming: .init(indices: upcoming)), pass))
      try progress(Double(logits.count) / Double(images.count))
      batch = upcoming
    }
    return logits
  }

  // MARK: Single images

  /// Classifies one image.
  /// - Parameter pixels: its bytes, in the size and channels of the data set's.
  /// - Throws: `NetworkError` if the images' preparation is unknown.
  func answer(_ pixels: ByteStorage) throws -> ImageAnswers.Answer {
    let input = Tensor(rows: 0, columns: data.dataset.training.featureCount)
    try lane.trained.prepare(input, of: pixels, [0], lane.compute)
    func probabilities(_ network: Network) -> [Double] {
      let logits = rows(network.forward(input, PassContext(compute: lane.compute, isTraining: false)))
      return Prediction(logits: logits[0]).probabilities
    }
    return ImageAnswers.Answer(
      lane: lane.weights.lane, step: lane.weights.step, probabilities: probabilities(network),
      latentProbabilities: try latentNetwork().map(probabilities))
  }

  // MARK: Latent weights

  // A copy that computes with latent weights; nil if there are none.
  private func latentNetwork() throws -> Network? {
    guard lane.hasLatentWeights else { return nil }
    if let latent { return latent }
    let copy = try lane.copyWithLatentWeights()
    let pass = PassContext(compute: lane.compute, isTraining: false)
    copy.estimateStatistics(
      BatchLoader(.training, data), of: data.split.training, batches: LaneModel.statisticsBatches,
      size: min(lane.trained.checkpoint.layout.evaluationBatch, 256), pass)
    latent = copy
    return copy
  }

  private func rows(_ tensor: Tensor) -> [[Float]] {
    let (values, columns) = (tensor.values, tensor.columns)
    return (0..<tensor.rows).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
  }
}
