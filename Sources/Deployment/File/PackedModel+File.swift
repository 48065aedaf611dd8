private import Foundation
internal import NeuralNetworks
package import Tensors
private import TrainingMetrics

// The file of a packed model: a `PackedFile` with the graph, the description of the images, the provenance and golden samples.

extension PackedModel {
  // A reader accepts only files of its own major version.
  private static let (format, major, minor) = ("signflip-packed", 1, 0)
  // Limits the memory of a hostile file: each sample takes some dozen bytes in addition to its numbers.
  private static let mostSamples = 4096

  /// Returns the bytes of the model's file.
  /// - Throws: `EncodingError` if a number is not finite; `PackedFileError`
  /// if the network is larger than a reader accepts.
  package func fileBytes() throws -> [UInt8] {
    try RuntimeCost.check(network)
    let graph = PackedGraph(network)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func text(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    var tensors = graph.tensors
    if !golden.isEmpty {
      tensors.append(
        ("golden.pixels", FileTensor(.bytes(golden.flatMap(\.pixels)), shape: [golden.count, data.image.features])))
      tensors.append(
        ("golden.logits", FileTensor(.float32(golden.flatMap(\.logits)), shape: [golden.count, data.classes.count])))
    }
    var metadata = [
      "format": Self.format, "version": "\(Self.major).\(Self.minor)", "requires": "[]",
      "words": "little-endian, 64 bits; the first weight in the lowest bit; 1 means -1; tail bits are 0",
      "graph": try text(graph.rows), "data": try text(data), "provenance": try text(provenance),
    ]
    metadata["stored"] = try stored.map(text)
    return try PackedFile(tensors, metadata: metadata).bytes()
  }

  /// Reads a model's file.
  /// - Throws: `PackedFileError` with the path, if the file is missing, truncated, altered,
  /// or not a packed model.
  package init(path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { throw PackedFileError("\(path): expected a packed model, found no file") }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
      throw PackedFileError(
        "\(path): expected a packed model, found an empty file, or something other than a regular file")
    }
    do {
      try self.init(fileBytes: try ByteStorage(mapping: path))
    } catch let error as PackedFileError {
      throw PackedFileError("\(path): \(error)")
    } catch {
      throw PackedFileError("\(path): expected a packed model, found a file that can't be read: \(error)")
    }
  }

  /// Reads the bytes of a file. No value in them is trusted. Needs at most three times their memory, and about 12 MiB for
  /// the header.
  /// - Throws: `PackedFileError` if they are not a valid packed model.
  package init(fileBytes bytes: ByteStorage) throws {
    let file = try PackedFile(bytes)
    guard file.metadata["format"] == Self.format else {
      let found =
        file.metadata["network"] == nil
        ? "another safetensors file" : "a checkpoint; “signflip export” turns it into a packed model"
      throw PackedFileError("expected a packed model, found \(found)")
    }
    let version = file.metadata["version"] ?? ""
    guard version.split(separator: ".").first == "\(Self.major)" else {
      throw PackedFileError(
        "expected a packed model of version \(Self.major), found version \(version.printable), which needs another version of signflip"
      )
    }
    let required = try Self.part([String].self, "requires", file)
    guard required.isEmpty else {
      throw PackedFileError("expected features of this version of signflip, found \(required.map(\.printable))")
    }
    let data = try Self.part(DataDescription.self, "data", file)
    let size = data.image
    guard size.height > 0, size.width > 0, size.channels > 0, size.height <= 1 << 16, size.width <= 1 << 16,
      size.channels <= 1 << 16, size.features <= 1 << 26
    else { throw PackedFileError("expected the size of an image, found \(size)") }
    let graph = PackedGraph(rows: try Self.part([PackedGraph.Row].self, "graph", file), tensors: file.tensors)
    let network = try graph.network(input: size)
    guard network.operations.last?.output.features == data.classes.count else {
      throw PackedFileError(
        "expected one logit for each of \(data.classes.count) classes, found \(network.operations.last?.output.features ?? 0)"
      )
    }
    self.init(
      network: network, data: data, stored: try Self.stored(file),
      provenance: try Self.part(Provenance.self, "provenance", file),
      golden: try Self.golden(file, data))
  }

  // Optional, as most data sets contain bytes.
  private static func stored(_ file: PackedFile) throws -> StoredValues? {
    guard file.metadata["stored"] != nil else { return nil }
    let stored = try part(StoredValues.self, "stored", file)
    guard (1...0xFFFF).contains(stored.largestValue ?? 1), (0...255).contains(stored.background ?? 0) else {
      throw PackedFileError("expected a largest value of 16 bits and a background of 8 bits, found \(stored)")
    }
    return stored
  }

  private static func golden(_ file: PackedFile, _ data: DataDescription) throws -> [GoldenSample] {
    guard let pixels = try? file.tensor("golden.pixels") else { return [] }
    let logits = try file.tensor("golden.logits")
    let (size, outputs) = (data.image.features, data.classes.count)
    guard case .bytes(let bytes) = pixels.values, case .float32(let numbers) = logits.values, pixels.shape.count == 2,
      pixels.shape[1] == size, logits.shape == [pixels.shape[0], outputs]
    else { throw PackedFileError("expected golden samples of \(size) bytes and \(outputs) logits, found others") }
    guard pixels.shape[0] <= mostSamples else {
      throw PackedFileError("expected at most \(mostSamples) golden samples, found \(pixels.shape[0])")
    }
    return (0..<pixels.shape[0]).map { place in
      GoldenSample(
        pixels: Array(bytes[place * size..<(place + 1) * size]),
        logits: Array(numbers[place * outputs..<(place + 1) * outputs]))
    }
  }

  private static func part<Part: Decodable>(_ type: Part.Type, _ key: String, _ file: PackedFile) throws -> Part {
    guard let text = file.metadata[key] else { throw PackedFileError("expected “\(key)” in the metadata, found none") }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw PackedFileError("expected “\(key)” in the metadata, found something else: \(error)")
    }
  }
}
