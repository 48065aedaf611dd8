import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

/// The state that determines a lane's future, except for the tensors, which a checkpoint contains beside it: its
/// position, its plan with all changes, the best validation, and partial sums.
///
/// Random numbers and the order of the data need no state: they are functions of seed, stream and step.
struct LaneState: Codable {
  /// The version of the format.
  var format = LaneState.currentFormat
  /// The plan, with all changes so far.
  var plan: LanePlan
  /// Updates done.
  var step: Int
  /// Epochs done.
  var epoch: Int
  /// Number of images of the current epoch that were trained on.
  var position: Int
  /// Number of hyperparameter changes so far, including those of ancestor branches.
  var changes: Int
  /// Number of changes of the steering script made so far.
  var steered: Int
  /// Changes of the steering script that were refused so far; nil for none.
  var missed: [String]?
  /// The weight of the initial values in the running statistics; nil in files that lack it.
  var firstStatistics: Double?
  /// The sums of the current epoch.
  var sums: EpochSums
  /// What the health watch remembers; nil in files that lack it.
  var health: HealthWatch?
  /// The newest value of each metric.
  var latest: [Metric: Float]
  /// The best validation accuracy so far, with its epoch; nil before the first.
  var best: LaneSnapshot.Best?
  /// Whether the current weights are those of the best validation.
  var isBest: Bool
  /// Whether the best validation used float weights instead of binary ones; nil for false.
  var bestIsFloat: Bool?
  /// The flip totals of each binary parameter.
  var flips: [String: Parameter.FlipTotals]
  /// How pixel values of image files were converted to bytes. Other images must be read in the same way. Nil if the
  /// files contain bytes.
  var pixels: PixelReading?
  /// Seconds of all work.
  var seconds: Double
  /// Seconds of updates.
  var trainingSeconds: Double

  /// Format 1 is that of version 0.1. Format 2 has the method's name and options in the plan, without which an older program
  /// cannot go on; format 1 is still read.
  static let currentFormat = 2
}

/// Sums over the steps of an epoch.
struct EpochSums: Codable {
  /// Updates.
  private(set) var steps = 0
  private var images = 0
  private var loss = 0.0
  private var flips = 0
  private var seconds = 0.0

  /// Adds a step.
  mutating func add(_ outcome: LaneModel.StepOutcome, images count: Int, seconds duration: Double) {
    steps += 1
    images += count
    loss += outcome.loss * Double(count)
    flips += outcome.flips
    seconds += duration
  }

  /// The mean loss per image; nil without a step.
  var meanLoss: Double? { images > 0 ? loss / Double(images) : nil }
  /// Returns the mean flip rate of the updates; nil without a step or without binary weights.
  func meanFlipRate(weights: Int) -> Double? {
    steps > 0 && weights > 0 ? Double(flips) / Double(steps) / Double(weights) : nil
  }
  /// Images per second; nil without a step.
  var imagesPerSecond: Double? { seconds > 0 ? Double(images) / seconds : nil }
}

/// A copy of a network's state at its best validation.
struct BestWeights {
  /// Validation accuracy, 0...1.
  private(set) var accuracy = -1.0
  /// Epochs done at that validation.
  private(set) var epoch = 0
  /// Whether the network used float weights instead of binary ones.
  private(set) var isFloat = false
  /// The copies.
  private(set) var tensors: [Tensor] = []

  /// Whether nothing was kept yet.
  var isEmpty: Bool { tensors.isEmpty }

  /// Keeps `state` if `accuracy` is better. Binary weights always replace float ones, because the goal is a binary
  /// network.
  /// - Returns: whether it was kept.
  @discardableResult
  mutating func offer(_ state: [Tensor], accuracy: Double, epoch: Int, isFloat: Bool = false) -> Bool {
    guard isEmpty || isFloat == self.isFloat ? accuracy > self.accuracy : !isFloat else { return false }
    self.isFloat = isFloat
    self.accuracy = accuracy
    self.epoch = epoch
    if tensors.isEmpty { tensors = state.map { Tensor(rows: $0.rows, columns: $0.columns) } }
    for (copy, tensor) in zip(tensors, state) { copy.copy(from: tensor) }
    return true
  }

  /// Restores the kept state.
  func restore(to state: [Tensor]) {
    for (copy, tensor) in zip(tensors, state) { tensor.copy(from: copy) }
  }
}

/// A lane's state in a checkpoint file.
///
/// Tensors: the parameters' values by name (`hidden1.weights`, shape `[outputs, inputs]`; the latent weights of a
/// binary layer), the optimizer's `….firstMoment` and `….secondMoment` (float32 or bfloat16), `….flipCounts` (16 bits), the running
/// statistics `hidden1.normalization.runningMean` and `…Variance`; and with the prefix `best.` the parameters and
/// statistics of the best validation, unless they are the current ones. Vectors have shape `[1, n]`. The metadata
/// contains a `LaneState` as `state`; the rest of the metadata makes the file a `NetworkCheckpoint`, which can be used
/// without a data set or a run.
enum LaneStateFile {
  private static let statePart = "state"

  /// Creates the file of a state.
  /// - Parameters:
  ///   - description: the metadata besides the state.
  ///   - isForTraining: whether training can resume from it. Otherwise it has no moments and flip counts.
  static func image(
    _ state: LaneState, _ network: Network, best: BestWeights, description: [String: String],
    isForTraining: Bool = true
  ) throws -> SafetensorsImage {
    var tensors: [(name: String, source: SafetensorsImage.Source)] = []
    if !isForTraining { tensors = network.parameters.map { ($0.name, .tensor($0.value)) } }
    for parameter in network.parameters where isForTraining {
      tensors += parameter.stateTensors
      if let counts = parameter.flipCountValues {
        let source = SafetensorsImage.Source.counts(
          counts, rows: parameter.value.rows, columns: parameter.value.columns)
        tensors.append(("\(parameter.name).flipCounts", source))
      }
    }
    tensors += network.buffers.map { ($0.name, .tensor($0.tensor)) }
    if !best.isEmpty, !state.isBest {
      tensors += zip(network.namedState, best.tensors).map { (NetworkCheckpoint.bestName($0.name), .tensor($1)) }
    }
    let text = String(decoding: try EngineJSON.encoder().encode(state), as: UTF8.self)
    let own = [statePart: text, "lane": state.plan.name, "format": "signflip \(state.format)"]
    return try SafetensorsImage(tensors, metadata: description.merging(own) { $1 })
  }

  /// Reads the file at a path.
  /// - Throws: `SafetensorsError` with the path, if the file is not a checkpoint, is of a newer version, or was
  ///   altered.
  static func read(_ path: String, sha256: String) throws -> (image: SafetensorsImage, state: LaneState) {
    let image = try SafetensorsImage.read(path, sha256: sha256)
    do { return (image, try state(in: image)) } catch { throw SafetensorsError(message: "\(path): \(error)") }
  }

  /// Returns the state in a file, without tensors.
  /// - Throws: `SafetensorsError` if the file is not a checkpoint or is of a newer version.
  static func state(in image: SafetensorsImage) throws -> LaneState {
    guard let text = image.metadata[statePart] else {
      throw SafetensorsError(message: "expected a signflip checkpoint, found no state in the metadata")
    }
    struct Version: Decodable { var format: Int }
    let decoder = EngineJSON.decoder()
    if let version = try? decoder.decode(Version.self, from: Data(text.utf8)), version.format > LaneState.currentFormat
    {
      throw SafetensorsError(
        message: "expected a checkpoint of format up to \(LaneState.currentFormat), found \(version.format)")
    }
    do {
      return try decoder.decode(LaneState.self, from: Data(text.utf8))
    } catch {
      throw SafetensorsError(message: "expected a lane's state, found \(error)")
    }
  }

  /// Loads the tensors of a file into a network.
  /// - Returns: the weights of the best validation.
  /// - Throws: `SafetensorsError` if a tensor is missing or has another shape.
  static func restore(_ image: SafetensorsImage, _ state: LaneState, to network: Network) throws -> BestWeights {
    for parameter in network.parameters {
      try parameter.restoreState(image)
      if parameter.countsFlips, let totals = state.flips[parameter.name] {
        let counts = try image.counts(
          "\(parameter.name).flipCounts", rows: parameter.value.rows, columns: parameter.value.columns)
        parameter.restoreFlips(counts, totals)
      }
    }
    for (name, tensor) in network.buffers { try image.copy(name, into: tensor) }
    var best = BestWeights()
    guard let known = state.best else { return best }
    let isFloat = state.bestIsFloat ?? false
    if state.isBest {
      best.offer(network.state, accuracy: known.accuracy, epoch: known.epoch, isFloat: isFloat)
    } else {
      let tensors = try network.namedState.map { name, tensor in
        let copy = Tensor(rows: tensor.rows, columns: tensor.columns)
        try image.copy(NetworkCheckpoint.bestName(name), into: copy)
        return copy
      }
      best.offer(tensors, accuracy: known.accuracy, epoch: known.epoch, isFloat: isFloat)
    }
    return best
  }
}
