import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors

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
