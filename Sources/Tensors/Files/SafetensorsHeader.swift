private import Foundation

/// The header of a safetensors file: the metadata, and the type, shape and bytes of each tensor.
///
/// A file has eight bytes with the length of the header, little-endian; the header in JSON, `{name: {dtype, shape, data_offsets},
/// "__metadata__": {key: text}}`, padded with spaces; and the tensors' elements, little-endian, row-major, without gaps.
/// - SeeAlso: https://huggingface.co/docs/safetensors
package struct SafetensorsHeader: Sendable {
  /// The type of elements, named as in the format.
  package enum ElementType: String, Codable, Sendable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case uint16 = "U16"
    case int16 = "I16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case uint32 = "U32"
    case int32 = "I32"
    case float32 = "F32"
    case uint64 = "U64"
    case int64 = "I64"
    case float64 = "F64"

    /// The size of an element, in bytes.
    package var size: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .uint16, .int16, .float16, .bfloat16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      }
    }
  }

  /// A tensor's entry.
  package struct Entry: Sendable {
    package let name: String
    package let type: ElementType
    package let shape: [Int]
    /// Its bytes, counted from the file's first byte.
    package let range: Range<Int>
  }

  /// The metadata.
  package let metadata: [String: String]
  /// The tensors, in the order of their bytes.
  package let entries: [Entry]
  /// The length of the header with its eight bytes of length, which is also the place of the first element.
  package let count: Int

  /// The largest header of the format, in bytes.
  package static let largest = 100_000_000

  private struct JSONEntry: Codable {
    var dtype: ElementType
    var shape: [Int]
    var data_offsets: [Int]
  }

  // MARK: Reading

  /// Reads the header of a file. Nothing in the file is trusted: every entry that is returned has the bytes of its type and
  /// shape, within the file, and no byte belongs to two tensors or none.
  /// - Parameter largest: the length from which a header is refused unread, as JSON takes a dozen times its size in memory.
  /// - Throws: `SafetensorsError` if the file is truncated or not in safetensors format.
  package init(reading bytes: ByteStorage, largest: Int = largest) throws(SafetensorsError) {
    guard bytes.count >= 8 else {
      throw SafetensorsError(message: "expected a safetensors file, found \(bytes.count) bytes")
    }
    let length = LittleEndian.numbers(UInt64.self, in: bytes, 0..<8)[0]
    guard length <= UInt64(bytes.count - 8) else {
      throw SafetensorsError(message: "expected a header of \(length) bytes, found only \(bytes.count - 8)")
    }
    guard length <= UInt64(largest) else {
      throw SafetensorsError(message: "expected a header of at most \(largest) bytes, found \(length)")
    }
    let start = 8 + Int(length)
    guard let header = try? JSONHeader(Data(LittleEndian.numbers(UInt8.self, in: bytes, 8..<start))) else {
      throw SafetensorsError(message: "expected a header in JSON, found something else")
    }
    var entries: [Entry] = []
    for (name, entry) in header.entries {
      let offsets = entry.data_offsets
      // As floating-point numbers, since the product of a hostile shape overflows, even where an axis is empty.
      guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= bytes.count - start,
        entry.shape.allSatisfy({ $0 >= 0 }),
        entry.shape.reduce(1.0, { $0 * Double(max(1, $1)) }) <= Double(bytes.count),
        entry.shape.reduce(Double(entry.dtype.size), { $0 * Double($1) }) == Double(offsets[1] - offsets[0])
      else {
        throw SafetensorsError(
          message: "tensor \(name): expected \(entry.dtype.rawValue) of shape \(entry.shape.prefix(9)), found bytes "
            + "\(offsets.prefix(3)) of \(bytes.count - start)")
      }
      entries.append(
        Entry(name: name, type: entry.dtype, shape: entry.shape, range: start + offsets[0]..<start + offsets[1]))
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    var end = start
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw SafetensorsError(
          message: "tensor \(entry.name): expected its bytes from \(end - start), found them from "
            + "\(entry.range.lowerBound - start)")
      }
      end = entry.range.upperBound
    }
    guard end == bytes.count else {
      throw SafetensorsError(
        message: "expected tensors that fill the file, found \(bytes.count - end) bytes after the last one")
    }
    (self.metadata, self.entries, count) = (header.metadata, entries, start)
  }

  private struct JSONHeader: Decodable {
    var entries: [String: JSONEntry] = [:]
    var metadata: [String: String] = [:]

    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(_ text: Data) throws { self = try JSONDecoder().decode(Self.self, from: text) }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          entries[key.stringValue] = try container.decode(JSONEntry.self, forKey: key)
        }
      }
    }
  }

  // MARK: Writing

  /// A tensor to be written, with the number of its bytes.
  package typealias Part = (name: String, type: ElementType, shape: [Int], bytes: Int)

  /// Returns the bytes of the header of a file with these tensors, in order.
  /// - Parameter alignment: the first element's place is a multiple of this.
  package static func bytes(
    of tensors: [Part], metadata: [String: String], alignment: Int
  ) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func text(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    var (entries, end): ([String: JSONEntry], Int) = ([:], 0)
    for part in tensors {
      entries[part.name] = JSONEntry(dtype: part.type, shape: part.shape, data_offsets: [end, end + part.bytes])
      end += part.bytes
    }
    var rows = ["\"__metadata__\":\(try text(metadata))"]
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) { rows.append("\(try text(name)):\(try text(entry))") }
    var header = Array("{\(rows.joined(separator: ","))}".utf8)
    while (8 + header.count) % alignment != 0 { header.append(UInt8(ascii: " ")) }
    return LittleEndian.bytes(of: [UInt64(header.count)]) + header
  }
}

/// Why bytes are not the expected safetensors file.
package struct SafetensorsError: Error, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  package let message: String

  /// An error with this message.
  package init(message: String) { self.message = message }

  package var description: String { message }
}
