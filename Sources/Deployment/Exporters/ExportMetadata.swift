private import Foundation
private import NeuralNetworks

/// What an exported file says beside its numbers: the names of the classes, how an image is prepared, where the network comes
/// from.
struct ExportMetadata {
  /// Keys and texts, in order. `classes`, `data` and `provenance` are JSON.
  let pairs: [(String, String)]

  /// What is known of a model.
  init(_ model: PackedModel) throws {
    let provenance = model.provenance
    pairs = [
      ("format", "signflip"), ("classes", try Self.json(model.data.classes)), ("data", try Self.json(model.data)),
      ("network", provenance.network), ("provenance", try Self.json(provenance)),
    ]
  }

  /// A value as JSON, its keys in alphabetical order.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
