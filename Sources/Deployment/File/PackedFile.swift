private import Foundation
package import Tensors
private import TrainingMetrics

/// The container of a packed model: metadata and typed tensors in a safetensors file.
///
/// Each tensor starts at a multiple of 64 bytes. The format allows no gaps, so tensors named `padding.n` fill them. The
/// metadata contains the SHA-256 of each tensor (`sha256`) and the SHA-256 of the metadata itself (`sha256All`). Numbers
/// are little-endian. The header has at most 1 MiB.
/// - SeeAlso: https://huggingface.co/docs/safetensors
package struct PackedFile: Sendable {
  /// Texts by key.
  package private(set) var metadata: [String: String]
  /// The tensors, in order.
  package private(set) var tensors: [(name: String, tensor: FileTensor)]

  /// A file with these tensors and metadata.
  package init(_ tensors: [(name: String, tensor: FileTensor)], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Returns the tensor with this name.
  /// - Throws: `PackedFileError` if there is none.
  package func tensor(_ name: String) throws -> FileTensor {
    guard let tensor = tensors.first(where: { $0.name == name })?.tensor else {
      throw PackedFileError("tensor \(name): expected one, found none")
    }
    return tensor
  }

  private static let alignment = 64
  private static let digestKey = "sha256"
  // Parsing JSON takes about twelve times its size in memory, so the header is limited. ResNet-20's header has 60 kB.
  private static let largestHeader = 1 << 20

  // MARK: Writing

  /// The bytes of the file.
  /// - Throws: `PackedFileError` if the metadata is too long for a header.
  package func bytes() throws -> [UInt8] {
    var (parts, data): ([SafetensorsHeader.Part], [UInt8]) = ([], [])
    var digests: [String: String] = [:]
    for (number, part) in tensors.enumerated() {
      let bytes = part.tensor.bytes
      parts.append((part.name, part.tensor.type, part.tensor.shape, bytes.count))
      digests[part.name] = TensorDigest.sha256(bytes)
      data += bytes
      let gap = (Self.alignment - data.count % Self.alignment) % Self.alignment
      if gap > 0 {
        parts.append(("padding.\(number)", .uint8, [gap], gap))
        data += [UInt8](repeating: 0, count: gap)
      }
    }
    var words = metadata
    words[Self.digestKey] = try Self.text(digests)
    words["sha256All"] = Self.digest(words)
    let header = try SafetensorsHeader.bytes(of: parts, metadata: words, alignment: Self.alignment)
    guard header.count <= 8 + Self.largestHeader else {
      throw PackedFileError("expected a header of at most \(Self.largestHeader) bytes, found \(header.count - 8)")
    }
    return header + data
  }

  private static func text(_ digests: [String: String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(digests), as: UTF8.self)
  }

  // The digest of the metadata, which includes the digests of the tensors.
  private static func digest(_ words: [String: String]) -> String {
    let lines = words.filter { $0.key != "sha256All" }.sorted { $0.key < $1.key }.map { "\($0.key)\n\($0.value)\n" }
    return TensorDigest.sha256(Array(lines.joined().utf8))
  }

  // MARK: Reading

  /// Reads the bytes of a file. Needs at most as much memory again, and about 12 MiB for the header.
  /// - Throws: `PackedFileError` if they are truncated, altered, or not a packed model.
  package init(_ bytes: ByteStorage) throws {
    let header: SafetensorsHeader
    do {
      header = try SafetensorsHeader(reading: bytes, largest: Self.largestHeader)
    } catch {
      throw PackedFileError("expected a packed model, found a damaged file or another format: \(error)")
    }
    metadata = header.metadata
    tensors = []
    let digests = try Self.digests(metadata)
    for entry in header.entries {
      if entry.name.hasPrefix("padding.") {
        guard entry.range.count < Self.alignment, bytes[entry.range].allSatisfy({ $0 == 0 }) else {
          throw PackedFileError(
            "tensor \(entry.name): expected fewer than \(Self.alignment) zeros, found something else")
        }
        continue
      }
      guard digests[entry.name] == TensorDigest.sha256(bytes, entry.range) else {
        let expected = (digests[entry.name] ?? "none").prefix(12)
        throw PackedFileError(
          "tensor \(entry.name): expected the SHA-256 \(expected)…, found another: the file was altered")
      }
      guard let tensor = FileTensor(entry, bytes) else {
        throw PackedFileError(
          "tensor \(entry.name): expected integers, words or floats of at most 8 axes, found \(entry.type.rawValue) of shape "
            + "\(entry.shape)")
      }
      tensors.append((entry.name, tensor))
    }
  }

  // Checks the digest of the metadata and returns the digests of the tensors.
  private static func digests(_ metadata: [String: String]) throws -> [String: String] {
    guard let all = metadata["sha256All"], let words = metadata[digestKey],
      let digests = try? JSONDecoder().decode([String: String].self, from: Data(words.utf8))
    else { throw PackedFileError("expected a packed model with SHA-256 digests, found none") }
    guard digest(metadata) == all else {
      throw PackedFileError(
        "expected metadata with the SHA-256 \(all.prefix(12))…, found another: the file was altered")
    }
    return digests
  }
}

/// A tensor of a packed file.
package struct FileTensor: Hashable, Sendable {
  /// The elements, by type.
  package enum Values: Hashable, Sendable {
    case bytes([UInt8])
    case int8([Int8])
    case int16([Int16])
    case int32([Int32])
    case words([UInt64])
    case float32([Float])
    case float64([Double])
  }

  /// The elements, row-major.
  package let values: Values
  package let shape: [Int]

  package init(_ values: Values, shape: [Int]) { (self.values, self.shape) = (values, shape) }

  /// The type of the elements.
  var type: SafetensorsHeader.ElementType {
    switch values {
    case .bytes: .uint8
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .words: .uint64
    case .float32: .float32
    case .float64: .float64
    }
  }

  /// The elements' bytes, little-endian.
  var bytes: [UInt8] {
    switch values {
    case .bytes(let numbers): numbers
    case .int8(let numbers): LittleEndian.bytes(of: numbers)
    case .int16(let numbers): LittleEndian.bytes(of: numbers)
    case .int32(let numbers): LittleEndian.bytes(of: numbers)
    case .words(let numbers): LittleEndian.bytes(of: numbers)
    case .float32(let numbers): LittleEndian.bytes(of: numbers)
    case .float64(let numbers): LittleEndian.bytes(of: numbers)
    }
  }

  /// Reads a tensor; nil if its type is not one of `Values`, or it has more than 8 axes.
  init?(_ entry: SafetensorsHeader.Entry, _ bytes: ByteStorage) {
    guard entry.shape.count <= 8 else { return nil }
    func all<Number: BitwiseCopyable>(_ type: Number.Type) -> [Number] {
      LittleEndian.numbers(type, in: bytes, entry.range)
    }
    switch entry.type {
    case .uint8: values = .bytes(all(UInt8.self))
    case .int8: values = .int8(all(Int8.self))
    case .int16: values = .int16(all(Int16.self))
    case .int32: values = .int32(all(Int32.self))
    case .uint64: values = .words(all(UInt64.self))
    case .float32: values = .float32(all(Float.self))
    case .float64: values = .float64(all(Double.self))
    default: return nil
    }
    shape = entry.shape
  }
}

/// Why a file could not be read as a packed model.
package struct PackedFileError: Error, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  package let description: String

  /// An error with this description. It may quote a hostile file, so it is made printable and cut to 500 characters.
  package init(_ description: String) { self.description = String(description.prefix(500)).printableLine }
}
