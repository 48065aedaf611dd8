private import Foundation
package import Tensors
private import TrainingMetrics

/// The container of a packed model: words and typed tensors, as a safetensors file.
///
/// Every tensor begins at a multiple of 64 bytes; tensors `padding.n` fill the gaps, as the format allows none. The metadata has the
/// SHA-256 of each tensor, and one over all of them and the words. Numbers are little-endian. The header has at most a mebibyte.
/// - SeeAlso: https://huggingface.co/docs/safetensors
package struct PackedFile: Sendable {
  /// The words beside the tensors.
  package private(set) var metadata: [String: String]
  /// The tensors, in order.
  package private(set) var tensors: [(name: String, tensor: FileTensor)]

  /// A file to be written.
  package init(_ tensors: [(name: String, tensor: FileTensor)], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensor of a name.
  /// - Throws: `PackedFileError` where there is none.
  package func tensor(_ name: String) throws -> FileTensor {
    guard let tensor = tensors.first(where: { $0.name == name })?.tensor else {
      throw PackedFileError("tensor \(name): expected one, found none")
    }
    return tensor
  }

  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  private static let alignment = 64
  private static let digestKey = "sha256"
  // JSON takes some dozen times its size to be read, so a file must not be all header. ResNet-20's has 60 kB.
  private static let largestHeader = 1 << 20

  // MARK: Writing

  /// The bytes of the file.
  /// - Throws: `PackedFileError` where the words are too long for a header.
  package func bytes() throws -> [UInt8] {
    var (entries, data) = ([String: Entry](), [UInt8]())
    var digests: [String: String] = [:]
    func add(_ name: String, _ tensor: FileTensor) {
      let bytes = tensor.bytes
      entries[name] = Entry(
        dtype: tensor.type, shape: tensor.shape, data_offsets: [data.count, data.count + bytes.count])
      data += bytes
    }
    for (number, part) in tensors.enumerated() {
      add(part.name, part.tensor)
      digests[part.name] = TensorDigest.sha256(part.tensor.bytes)
      let gap = (Self.alignment - data.count % Self.alignment) % Self.alignment
      if gap > 0 { add("padding.\(number)", FileTensor(.bytes([UInt8](repeating: 0, count: gap)), shape: [gap])) }
    }
    var words = metadata
    words[Self.digestKey] = Self.text(digests)
    words["sha256All"] = Self.digest(words)
    var header = Array("{\"__metadata__\":\(Self.text(words))".utf8)
    for name in entries.keys.sorted() {
      header += Array(",\(Self.text(name)):\(Self.text(entries[name]))".utf8)
    }
    header.append(UInt8(ascii: "}"))
    while (8 + header.count) % Self.alignment != 0 { header.append(UInt8(ascii: " ")) }
    guard header.count <= Self.largestHeader else {
      throw PackedFileError("expected a header of at most \(Self.largestHeader) bytes, found \(header.count)")
    }
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + data
  }

  private static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }

  // Over the words; the digests of the tensors are among them.
  private static func digest(_ words: [String: String]) -> String {
    let lines = words.filter { $0.key != "sha256All" }.sorted { $0.key < $1.key }.map { "\($0.key)\n\($0.value)\n" }
    return TensorDigest.sha256(Array(lines.joined().utf8))
  }

  // MARK: Reading

  /// Reads the bytes of a file. It takes at most their memory once more, and some dozen mebibytes for the header.
  /// - Throws: `PackedFileError` where they are cut short, altered, or no packed model.
  package init(_ bytes: ByteStorage) throws {
    guard bytes.count >= 8 else { throw PackedFileError("expected a packed model, found \(bytes.count) bytes") }
    let length = LittleEndian.numbers(UInt64.self, in: bytes, 0..<8)[0]
    guard length >= 2, length <= UInt64(bytes.count - 8) else {
      throw PackedFileError("expected a packed model, found a file that begins otherwise or was cut short")
    }
    guard length <= UInt64(Self.largestHeader) else {
      throw PackedFileError("expected a header of at most \(Self.largestHeader) bytes, found \(length)")
    }
    let start = 8 + Int(length)
    let (entries, metadata) = try Self.header(Data(LittleEndian.numbers(UInt8.self, in: bytes, 8..<start)))
    self.metadata = metadata
    tensors = []
    let digests = try Self.digests(metadata)
    // Tensors stand one behind the other, without gaps: so none overlaps another.
    var place = start
    for (name, range) in try Self.ranges(entries, within: bytes.count - start) {
      guard start + range.lowerBound == place, let entry = entries[name] else {
        throw PackedFileError("tensor \(name): expected it at \(place - start), found it at \(range.lowerBound)")
      }
      let own = place..<start + range.upperBound
      place = own.upperBound
      if name.hasPrefix("padding.") {
        guard range.count < Self.alignment, bytes[own].allSatisfy({ $0 == 0 }) else {
          throw PackedFileError("tensor \(name): expected less than \(Self.alignment) zeros, found others")
        }
        continue
      }
      guard digests[name] == TensorDigest.sha256(bytes, own) else {
        throw PackedFileError(
          "tensor \(name): expected the SHA-256 \((digests[name] ?? "none").prefix(12))…, found another: the file was altered"
        )
      }
      guard let tensor = FileTensor(type: entry.dtype, shape: entry.shape, bytes, own) else {
        throw PackedFileError(
          "tensor \(name): expected \(entry.dtype) of shape \(entry.shape), found \(range.count) bytes")
      }
      tensors.append((name, tensor))
    }
    guard place == bytes.count else {
      throw PackedFileError("expected tensors that fill the file, found \(bytes.count - place) bytes behind them")
    }
  }

  // The places of the tensors, in their order.
  private static func ranges(_ entries: [String: Entry], within end: Int) throws -> [(name: String, range: Range<Int>)]
  {
    let ranges = try entries.map { name, entry in
      let offsets = entry.data_offsets
      guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= end else {
        throw PackedFileError("tensor \(name): expected bytes within \(end), found \(offsets.prefix(4))")
      }
      return (name: name, range: offsets[0]..<offsets[1])
    }
    return ranges.sorted { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
  }

  // The digests of the tensors, after that over the words.
  private static func digests(_ metadata: [String: String]) throws -> [String: String] {
    guard let all = metadata["sha256All"], let words = metadata[digestKey],
      let digests = try? JSONDecoder().decode([String: String].self, from: Data(words.utf8))
    else { throw PackedFileError("expected a packed model with SHA-256 digests, found none") }
    guard digest(metadata) == all else {
      throw PackedFileError("expected words with the SHA-256 \(all.prefix(12))…, found others: the file was altered")
    }
    return digests
  }

  private static func header(_ text: Data) throws -> ([String: Entry], [String: String]) {
    struct Header: Decodable {
      var entries: [String: Entry] = [:]
      var metadata: [String: String] = [:]

      struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
      }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys {
          if key.stringValue == "__metadata__" {
            metadata = try container.decode([String: String].self, forKey: key)
          } else {
            entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
          }
        }
      }
    }
    do {
      let header = try JSONDecoder().decode(Header.self, from: text)
      return (header.entries, header.metadata)
    } catch {
      throw PackedFileError("expected the header of a safetensors file, found something else")
    }
  }
}

/// A tensor of a packed file.
package struct FileTensor: Hashable, Sendable {
  /// The numbers.
  package enum Values: Hashable, Sendable {
    case bytes([UInt8])
    case int8([Int8])
    case int16([Int16])
    case int32([Int32])
    case words([UInt64])
    case float32([Float])
    case float64([Double])
  }

  /// The numbers, row by row.
  package let values: Values
  /// The shape.
  package let shape: [Int]

  /// A tensor.
  package init(_ values: Values, shape: [Int]) { (self.values, self.shape) = (values, shape) }

  /// The name of the numbers' type in the format.
  var type: String {
    switch values {
    case .bytes: "U8"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .words: "U64"
    case .float32: "F32"
    case .float64: "F64"
    }
  }

  /// The numbers, little-endian.
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

  /// Reads a tensor; nil where its type is unknown, or the bytes do not fill its shape.
  init?(type: String, shape: [Int], _ bytes: ByteStorage, _ range: Range<Int>) {
    let sizes = ["U8": 1, "I8": 1, "I16": 2, "I32": 4, "U64": 8, "F32": 4, "F64": 8]
    // As floating-point numbers, since the product of a hostile shape overflows.
    guard let size = sizes[type], shape.count <= 8, shape.allSatisfy({ (0...range.count).contains($0) }),
      shape.reduce(Double(size), { $0 * Double($1) }) == Double(range.count)
    else { return nil }
    func all<Number: BitwiseCopyable>(_ type: Number.Type) -> [Number] { LittleEndian.numbers(type, in: bytes, range) }
    let values: Values =
      switch type {
      case "U8": .bytes(all(UInt8.self))
      case "I8": .int8(all(Int8.self))
      case "I16": .int16(all(Int16.self))
      case "I32": .int32(all(Int32.self))
      case "U64": .words(all(UInt64.self))
      case "F32": .float32(all(Float.self))
      default: .float64(all(Double.self))
      }
    self.init(values, shape: shape)
  }
}

/// Why a file is no packed model, or not one that can be read.
package struct PackedFileError: Error, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  package let description: String

  /// An error with these words. They may quote a hostile file, so they are made printable, and cut to 500 characters.
  package init(_ description: String) { self.description = String(description.prefix(500)).printableLine }
}
