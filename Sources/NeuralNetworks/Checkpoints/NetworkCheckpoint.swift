private import Foundation
package import Tensors

/// A trained network as the file of a checkpoint holds it.
///
/// Everything stands in the file: the layers, the images' size and scaling, the names of the classes, and the tensors.
/// Neither a data set nor a run's directory is needed. Training goes on from the same file; what it needs beside that is
/// the lane's state. The page *Checkpoint format* describes the file for other programs.
package struct NetworkCheckpoint: Sendable {
  /// Which weights of a checkpoint.
  package enum Weights: Sendable {
    /// Those with the best validation: the accuracy that is reported is theirs.
    case best
    /// Those at the checkpoint's step.
    case newest
  }

  /// The network's layers.
  package let layout: NetworkLayout
  /// The images and classes that it was trained on.
  package let data: DataDescription
  /// The lane's name.
  package let lane: String
  /// Updates done.
  package let step: Int
  /// How products of real operands are rounded.
  package let precision: Precision

  private let image: SafetensorsImage
  private let bestIsFloat: Bool

  /// Reads the file at a path.
  /// - Throws: `SafetensorsError`, naming the path, where it is no checkpoint, or one without the network's description.
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
        message: "expected a network of \(data.image) images, as the data are, found one of \(layout.input)")
    }
    let outputs = layout.items.last?.output.features ?? 0
    guard outputs == data.classes.count else {
      throw SafetensorsError(
        message: "expected an output for each of \(data.classes.count) classes, found \(outputs)")
    }
  }

  /// Builds the network, and loads its weights; it is ready for inference.
  /// - Throws: `SafetensorsError` where a tensor is missing or has another shape.
  package func makeNetwork(_ compute: Compute, weights: Weights = .best) throws -> Network {
    let network = layout.makeNetwork(precision: precision, compute)
    let isBest = weights == .best
    let names = network.namedState.map(\.name)
    // The best weights have names of their own where they are not those of the step.
    let hasOwn = isBest && names.contains { image.contains(Self.bestName($0)) }
    for (name, tensor) in network.namedState { try image.copy(hasOwn ? Self.bestName(name) : name, into: tensor) }
    network.prepareOperands(isBest && bestIsFloat ? .values : .signs, compute)
    return network
  }

  // MARK: The form

  /// The name of a tensor of the weights with the best validation, where they are not those of the checkpoint's step.
  package static func bestName(_ name: String) -> String { "best.\(name)" }

  /// What the metadata says of a network, beside a lane's state: it stays the same while the network is trained.
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
