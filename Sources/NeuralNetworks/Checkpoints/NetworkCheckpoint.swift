private import Foundation
package import Tensors

/// A trained network, read from a checkpoint file.
///
/// The file contains the layers, the images' size and scaling, the class names, and the tensors, so neither a data set
/// nor a run's directory is needed. Training resumes from the same file, which also contains the lane's state. The page
/// *Checkpoint format* describes the file for other programs.
package struct NetworkCheckpoint: Sendable {
  /// Which weights of a checkpoint to use.
  package enum Weights: Sendable {
    /// The weights with the best validation accuracy, to which the reported accuracy refers.
    case best
    /// The weights at the checkpoint's step.
    case newest
  }

  /// The network's layers.
  package let layout: NetworkLayout
  /// The images and classes that the network was trained on.
  package let data: DataDescription
  /// The lane's name.
  package let lane: String
  /// Updates done.
  package let step: Int
  /// The precision of products of two float operands.
  package let precision: Precision

  private let image: SafetensorsImage
  private let bestIsFloat: Bool

  /// Reads the file at a path.
  /// - Throws: `SafetensorsError` with the path, if the file is not a checkpoint or has no description of a network.
  package init(path: String) throws {
    let image = try SafetensorsImage.read(path, sha256: nil)
    do {
      try self.init(image)
    } catch {
      throw SafetensorsError(message: "\(path): \(error)")
    }
  }

  /// Reads the contents of a file.
  /// - Throws: `SafetensorsError`.
  package init(_ image: SafetensorsImage) throws {
    struct State: Decodable {
      struct Plan: Decodable { var precision: Precision }
      var plan: Plan
      var step: Int
      var bestIsFloat: Bool?
    }
    self.image = image
    layout = try Self.part(NetworkLayout.self, "network", of: image)
    data = try Self.part(DataDescription.self, "data", of: image)
    let state = try Self.part(State.self, "state", of: image)
    (precision, step, bestIsFloat) = (state.plan.precision, state.step, state.bestIsFloat ?? false)
    lane = image.metadata["lane"] ?? ""
    guard layout.input.features == data.image.features else {
      throw SafetensorsError(
        message: "expected a network for images of \(data.image), found one for \(layout.input)")
    }
    let outputs = layout.items.last?.output.features ?? 0
    guard outputs == data.classes.count else {
      throw SafetensorsError(
        message: "expected one output per class (\(data.classes.count)), found \(outputs)")
    }
  }

  /// A text of the file's metadata; nil if there is none of this name.
  package func metadata(_ key: String) -> String? { image.metadata[key] }

  /// Builds the network for inference and loads its weights.
  /// - Throws: `SafetensorsError` if a tensor is missing or has another shape.
  package func makeNetwork(_ compute: Compute, weights: Weights = .best) throws -> Network {
    let network = layout.makeNetwork(precision: precision, compute)
    try load(into: network, compute, weights: weights)
    return network
  }

  /// Loads the weights into a network of the same layers.
  /// - Throws: `SafetensorsError` if a tensor is missing or has another shape.
  package func load(into network: Network, _ compute: Compute, weights: Weights = .best) throws {
    let isBest = weights == .best
    let names = network.namedState.map(\.name)
    // The best weights are stored under names of their own unless they are those of the step.
    let hasOwn = isBest && names.contains { image.contains(Self.bestName($0)) }
    for (name, tensor) in network.namedState { try image.copy(hasOwn ? Self.bestName(name) : name, into: tensor) }
    network.prepareOperands(isBest && bestIsFloat ? .values : .signs, compute)
  }

  // MARK: Format

  /// The name of a tensor of the best weights, if they are not those of the checkpoint's step.
  package static func bestName(_ name: String) -> String { "best.\(name)" }

  /// The metadata that describes a network and does not change during training.
  package static func metadata(_ layout: NetworkLayout, _ data: DataDescription) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return [
      "network": String(decoding: try encoder.encode(layout), as: UTF8.self),
      "data": String(decoding: try encoder.encode(data), as: UTF8.self),
    ]
  }

  private static func part<Part: Decodable>(
    _ type: Part.Type, _ key: String, of image: SafetensorsImage
  ) throws -> Part {
    guard let text = image.metadata[key] else {
      throw SafetensorsError(message: "expected a checkpoint with “\(key)” in its metadata, found none")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch let DecodingError.dataCorrupted(context) where !context.debugDescription.isEmpty {
      throw SafetensorsError(message: "“\(key)” of the metadata: \(context.debugDescription)")
    } catch {
      throw SafetensorsError(message: "“\(key)” of the metadata: \(error)")
    }
  }
}
