private import Foundation
package import Tensors

/// The container of a packed model: words and typed tensors, as a safetensors file.
///
/// Every tensor begins at a multiple of 64 bytes; tensors `padding.n` fill the gaps, as the format allows none. The metadata has the
/// SHA-256 of each tensor, and one over all of them and the words. Numbers are little-endian.
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

  // MARK: Writing

  /// The bytes of the file.
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

  /// Reads the bytes of a file. It takes at most three times their memory.
  /// - Throws: `PackedFileError` where they are cut short, altered, or no packed model.
  package init(_ bytes: ByteStorage) throws {
    guard bytes.count >= 8 else { throw PackedFileError("expected a packed model, found \(bytes.count) bytes") }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * $1) }
    guard length >= 2, length <= UInt64(bytes.count - 8) else {
      throw PackedFileError("expected a packed model, found a file that begins otherwise or was cut short")
    }
    let start = 8 + Int(length)
    let (entries, metadata) = try Self.header(Data(bytes.part(8..<start)))
    let end = bytes.count - start
    var tensors: [(name: String, tensor: FileTensor, begin: Int)] = []
    for (name, entry) in entries {
      guard entry.data_offsets.count == 2, 0 <= entry.data_offsets[0], entry.data_offsets[0] <= entry.data_offsets[1],
        entry.data_offsets[1] <= end
      else {
        throw PackedFileError("tensor \(name): expected bytes within \(end), found \(entry.data_offsets)")
      }
      let range = start + entry.data_offsets[0]..<start + entry.data_offsets[1]
      guard let tensor = FileTensor(type: entry.dtype, shape: entry.shape, bytes.part(range)) else {
        throw PackedFileError(
          "tensor \(name): expected \(entry.dtype) of shape \(entry.shape), found \(range.count) bytes")
      }
      if !name.hasPrefix("padding.") { tensors.append((name, tensor, entry.data_offsets[0])) }
    }
    guard entries.values.reduce(0, { $0 + $1.data_offsets[1] - $1.data_offsets[0] }) == end else {
      throw PackedFileError("expected tensors that fill the file, found others")
    }
    self.metadata = metadata
    self.tensors = tensors.sorted { $0.begin < $1.begin }.map { ($0.name, $0.tensor) }
    try checkDigests()
  }

  private func checkDigests() throws {
    guard let all = metadata["sha256All"], let words = metadata[Self.digestKey],
      let digests = try? JSONDecoder().decode([String: String].self, from: Data(words.utf8))
    else { throw PackedFileError("expected a packed model with SHA-256 digests, found none") }
    guard Self.digest(metadata) == all else {
      throw PackedFileError("expected words with the SHA-256 \(all.prefix(12))…, found others: the file was altered")
    }
    for (name, tensor) in tensors {
      guard digests[name] == TensorDigest.sha256(tensor.bytes) else {
        throw PackedFileError(
          "tensor \(name): expected the SHA-256 \((digests[name] ?? "none").prefix(12))…, found another: the file was altered"
        )
      }
    }
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

extension ByteStorage {
  fileprivate func part(_ range: Range<Int>) -> [UInt8] {
    withContiguousStorageIfAvailable { Array($0[range]) } ?? Array(self[range])
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
    func all(_ numbers: [some FixedWidthInteger]) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(numbers.count * MemoryLayout.size(ofValue: numbers.first ?? 0))
      for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
      return bytes
    }
    switch values {
    case .bytes(let numbers): return numbers
    case .int8(let numbers): return numbers.map { UInt8(bitPattern: $0) }
    case .int16(let numbers): return all(numbers)
    case .int32(let numbers): return all(numbers)
    case .words(let numbers): return all(numbers)
    case .float32(let numbers): return all(numbers.map(\.bitPattern))
    case .float64(let numbers): return all(numbers.map(\.bitPattern))
    }
  }

  /// Reads a tensor; nil where its type is unknown, or the bytes do not fill its shape.
  init?(type: String, shape: [Int], _ bytes: [UInt8]) {
    let sizes = ["U8": 1, "I8": 1, "I16": 2, "I32": 4, "U64": 8, "F32": 4, "F64": 8]
    guard let size = sizes[type], shape.allSatisfy({ (0...bytes.count).contains($0) }),
      shape.reduce(Double(size), { $0 * Double($1) }) == Double(bytes.count)
    else { return nil }
    func all<Number: FixedWidthInteger>(_ number: Number.Type) -> [Number] {
      (0..<bytes.count / size).map { place in
        (0..<size).reduce(Number(0)) { $0 | Number(truncatingIfNeeded: bytes[place * size + $1]) << Number(8 * $1) }
      }
    }
    let values: Values =
      switch type {
      case "U8": .bytes(bytes)
      case "I8": .int8(bytes.map { Int8(bitPattern: $0) })
      case "I16": .int16(all(UInt16.self).map { Int16(bitPattern: $0) })
      case "I32": .int32(all(UInt32.self).map { Int32(bitPattern: $0) })
      case "U64": .words(all(UInt64.self))
      case "F32": .float32(all(UInt32.self).map { Float(bitPattern: $0) })
      default: .float64(all(UInt64.self).map { Double(bitPattern: $0) })
      }
    self.init(values, shape: shape)
  }
}

/// Why a file is no packed model, or not one that can be read.
package struct PackedFileError: Error, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  package let description: String

  /// An error with these words.
  package init(_ description: String) { self.description = description }
}
