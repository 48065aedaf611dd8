import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

/// All that decides a lane's future but the tensors, which stand beside it in a checkpoint: its place, its plan as
/// changed, the best validation, sums under way.
///
/// Random draws and the data's order need no state of their own: they are functions of seed, stream and step.
struct LaneState: Codable {
  /// The version of this form.
  var format = LaneState.currentFormat
  /// The plan, as changed since the start.
  var plan: LanePlan
  /// Updates done.
  var step: Int
  /// Epochs done.
  var epoch: Int
  /// Images of the current epoch that were trained on.
  var position: Int
  /// How many changes of hyperparameters were made so far, those of the branches before included.
  var changes: Int
  /// How many changes of the steering script were made so far.
  var steered: Int
  /// Changes of the steering script that were refused so far; nil for none.
  var missed: [String]?
  /// The share of their first values that the running statistics still hold; nil in files that did not keep it.
  var firstStatistics: Double?
  /// The sums of the current epoch.
  var sums: EpochSums
  /// The newest value of each figure.
  var latest: [Metric: Float]
  /// The best validation accuracy so far, and its epoch; nil before the first.
  var best: LaneSnapshot.Best?
  /// Whether the weights of the best validation are the present ones.
  var isBest: Bool
  /// Whether the best validation was one with float weights in place of binary ones; nil for false.
  var bestIsFloat: Bool?
  /// What the flips of each binary parameter add up to.
  var flips: [String: Parameter.FlipTotals]
  /// How stored values of image files became bytes: what later images must be read by. Nil where files hold the bytes.
  var pixels: PixelReading?
  /// Seconds of all work.
  var seconds: Double
  /// Seconds of updates.
  var trainingSeconds: Double

  static let currentFormat = 1
}

/// What the steps of an epoch add up to.
struct EpochSums: Codable {
  private var steps = 0
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

  /// The mean loss of an image; nil without a step.
  var meanLoss: Double? { images > 0 ? loss / Double(images) : nil }
  /// Flips / weights, the mean over the updates; nil without a step or without binary weights.
  func meanFlipRate(weights: Int) -> Double? {
    steps > 0 && weights > 0 ? Double(flips) / Double(steps) / Double(weights) : nil
  }
  /// Images trained on in a second; nil without a step.
  var imagesPerSecond: Double? { seconds > 0 ? Double(images) / seconds : nil }
}

/// A copy of a network's state at its best validation.
struct BestWeights {
  /// Validation accuracy, 0...1.
  private(set) var accuracy = -1.0
  /// Epochs done then.
  private(set) var epoch = 0
  /// Whether the network computed with float weights then, in place of binary ones.
  private(set) var isFloat = false
  /// The copies.
  private(set) var tensors: [Tensor] = []

  /// Whether anything was kept.
  var isEmpty: Bool { tensors.isEmpty }

  /// Keeps `state` if `accuracy` is better than what was kept. What a lane is to come to has binary weights: these go before
  /// float ones, however good.
  /// - Returns: whether it was.
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

  /// Puts what was kept back into `state`.
  func restore(to state: [Tensor]) {
    for (copy, tensor) in zip(tensors, state) { tensor.copy(from: copy) }
  }
}

/// A lane's state as a checkpoint's file holds it.
///
/// Tensors: the parameters' values by name (`hidden1.weights`, shape `[outputs, inputs]`; of a binary layer these are the
/// latent weights), `….firstMoment`, `….secondMoment` of the optimizer, `….flipCounts` (16 bits), the running statistics
/// `hidden1.normalization.runningMean` and `…Variance`; and under `best.` parameters and statistics of the best
/// validation, where they are not the present ones. All vectors have shape `[1, n]`. In the metadata, `state` is a
/// `LaneState`; what else stands there makes the file a `NetworkCheckpoint`, which needs no data set and no run.
enum LaneStateFile {
  private static let statePart = "state"

  /// The file of a state.
  /// - Parameter description: what the metadata says beside the state, by its keys.
  static func image(
    _ state: LaneState, _ network: Network, best: BestWeights, description: [String: String]
  ) throws -> SafetensorsImage {
    var tensors: [(name: String, source: SafetensorsImage.Source)] = []
    for parameter in network.parameters {
      tensors += parameter.stateTensors.map { ($0.name, .tensor($0.tensor)) }
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
  /// - Throws: `SafetensorsError`, naming the path, where the file is no checkpoint, a newer one, or altered.
  static func read(_ path: String, sha256: String) throws -> (image: SafetensorsImage, state: LaneState) {
    let image = try SafetensorsImage.read(path, sha256: sha256)
    do { return (image, try state(in: image)) } catch { throw SafetensorsError(message: "\(path): \(error)") }
  }

  /// The state of a file, tensors aside.
  /// - Throws: `SafetensorsError` where the file is no checkpoint, or a newer one.
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

  /// Puts the tensors of a file into a network.
  /// - Returns: the weights of the best validation.
  /// - Throws: `SafetensorsError` where a tensor is missing or has another shape.
  static func restore(_ image: SafetensorsImage, _ state: LaneState, to network: Network) throws -> BestWeights {
    for parameter in network.parameters {
      parameter.prepareMoments(
        first: image.contains("\(parameter.name).firstMoment"), second: image.contains("\(parameter.name).secondMoment")
      )
      for (name, tensor) in parameter.stateTensors { try image.copy(name, into: tensor) }
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
