private import Foundation
private import NeuralNetworks

/// The metadata of an exported file: the names of the classes, the preparation of images, and the provenance.
struct ExportMetadata {
  /// Keys and values, in order. The values of `classes`, `data` and `provenance` are JSON.
  let pairs: [(String, String)]

  /// The metadata of a model.
  init(_ model: PackedModel) throws {
    let provenance = model.provenance
    pairs = [
      ("format", "signflip"), ("classes", try Self.json(model.data.classes)), ("data", try Self.json(model.data)),
      ("network", provenance.network), ("provenance", try Self.json(provenance)),
    ]
  }

  /// Returns a value as JSON, with keys in alphabetical order.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
