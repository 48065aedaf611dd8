private import Foundation

/// Named tensors and metadata in the safetensors format, as the bytes of a file.
///
/// The format is: eight bytes with the length of a JSON header, the header `{name: {dtype, shape, data_offsets},
/// "__metadata__": …}`, and the tensors' elements, little-endian and without gaps.
/// - SeeAlso: https://huggingface.co/docs/safetensors
package struct SafetensorsImage: Sendable {
  /// The file's bytes.
  package let bytes: [UInt8]
  /// The metadata.
  package let metadata: [String: String]

  private let index: [String: Entry]
  private let dataStart: Int

  /// The type of elements, named as in the format.
  enum ElementType: String, Codable, Sendable {
    case float32 = "F32"
    case uint16 = "U16"

    var size: Int { self == .float32 ? 4 : 2 }
  }

  private struct Entry: Codable, Sendable {
    var dtype: ElementType
    var shape: [Int]
    var data_offsets: [Int]
  }

  /// The source of a tensor.
  package enum Source {
    /// A float32 matrix.
    case tensor(Tensor)
    /// 16-bit unsigned integers of shape `[rows, columns]`.
    case counts([UInt16], rows: Int, columns: Int)
    /// float32 numbers of any shape.
    case numbers([Float], shape: [Int])

    fileprivate var shape: [Int] {
      switch self {
      case .tensor(let tensor): [tensor.rows, tensor.columns]
      case .counts(_, let rows, let columns): [rows, columns]
      case .numbers(_, let shape): shape
      }
    }
    fileprivate var type: ElementType { if case .counts = self { .uint16 } else { .float32 } }
  }

  /// Creates an image from tensors, in order, and metadata.
  package init(_ tensors: [(name: String, source: Source)], metadata: [String: String]) throws {
    var header: [String: Entry] = [:]
    var end = 0
    for (name, source) in tensors {
      let start = end
      end += source.shape.reduce(source.type.size, *)
      header[name] = Entry(dtype: source.type, shape: source.shape, data_offsets: [start, end])
    }
    var head = Array(try SafetensorsImage.headerText(header, metadata).utf8)
    // Data start at a multiple of 8; the format allows spaces after the header.
    while head.count % 8 != 0 { head.append(UInt8(ascii: " ")) }
    let length = (0..<8).map { UInt8(truncatingIfNeeded: head.count >> (8 * $0)) }
    let total = 8 + head.count + end
    bytes = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
      var place = 0
      func append(_ part: UnsafeRawBufferPointer) {
        guard let start = part.baseAddress, let base = buffer.baseAddress else { return }
        UnsafeMutableRawPointer(base + place).copyMemory(from: start, byteCount: part.count)
        place += part.count
      }
      length.withUnsafeBytes { append($0) }
      head.withUnsafeBytes { append($0) }
      for (_, source) in tensors {
        switch source {
        case .tensor(let tensor):
          append(UnsafeRawBufferPointer(UnsafeBufferPointer(start: tensor.base, count: tensor.count)))
        case .counts(let counts, _, _): counts.withUnsafeBytes { append($0) }
        case .numbers(let numbers, _): numbers.withUnsafeBytes { append($0) }
        }
      }
      count = place
    }
    self.metadata = metadata
    index = header
    dataStart = 8 + head.count
  }

  /// Parses the bytes of a file.
  /// - Throws: `SafetensorsError` if they are truncated or not in safetensors format.
  package init(bytes: [UInt8]) throws(SafetensorsError) {
    guard bytes.count >= 8 else {
      throw SafetensorsError(message: "expected a safetensors file, found \(bytes.count) bytes")
    }
    let length = bytes[..<8].enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) }
    guard length <= UInt64(bytes.count - 8) else {
      throw SafetensorsError(message: "expected a header of \(length) bytes, found only \(bytes.count - 8)")
    }
    let start = 8 + Int(length)
    guard let (index, metadata) = try? SafetensorsImage.readHeader(Data(bytes[8..<start])) else {
      throw SafetensorsError(message: "expected a header in JSON, found something else")
    }
    for (name, entry) in index {
      let isWhole =
        entry.data_offsets.count == 2 && entry.data_offsets[0] >= 0 && entry.data_offsets[0] <= entry.data_offsets[1]
        && entry.data_offsets[1] <= bytes.count - start && entry.shape.allSatisfy { $0 >= 0 && $0 <= bytes.count }
        && entry.shape.reduce(Double(entry.dtype.size), { $0 * Double($1) })
          == Double(entry.data_offsets[1] - entry.data_offsets[0])
      guard isWhole else {
        throw SafetensorsError(
          message: "tensor \(name): expected \(entry.dtype.rawValue) of shape \(entry.shape), found bytes "
            + "\(entry.data_offsets) of \(bytes.count - start)")
      }
    }
    self.bytes = bytes
    self.index = index
    self.metadata = metadata
    dataStart = start
  }

  /// The tensors' names, in alphabetical order.
  package var names: [String] { index.keys.sorted() }

  /// Returns whether there is a tensor of this name.
  package func contains(_ name: String) -> Bool { index[name] != nil }

  /// Returns the shape of a tensor; nil if there is none of this name.
  package func shape(of name: String) -> [Int]? { index[name]?.shape }

  /// Copies the elements of a tensor into `tensor`.
  /// - Throws: `SafetensorsError` if no tensor has this name, shape and type.
  package func copy(_ name: String, into tensor: Tensor) throws(SafetensorsError) {
    let range = try range(of: name, .float32, rows: tensor.rows, columns: tensor.columns)
    bytes.withUnsafeBytes { source in
      UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: tensor.base, count: tensor.count))
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
    }
  }

  /// Returns the integers of a tensor.
  /// - Throws: `SafetensorsError` if no tensor has this name, shape and type.
  package func counts(_ name: String, rows: Int, columns: Int) throws(SafetensorsError) -> [UInt16] {
    let range = try range(of: name, .uint16, rows: rows, columns: columns)
    return [UInt16](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      bytes.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
      }
      count = rows * columns
    }
  }

  private func range(of name: String, _ type: ElementType, rows: Int, columns: Int) throws(SafetensorsError) -> Range<
    Int
  > {
    guard let entry = index[name], entry.dtype == type, entry.shape == [rows, columns] else {
      let found = index[name].map { "\($0.dtype.rawValue) of shape \($0.shape)" } ?? "none"
      throw SafetensorsError(
        message: "tensor \(name): expected \(type.rawValue) of shape [\(rows), \(columns)], found \(found)")
    }
    return dataStart + entry.data_offsets[0]..<dataStart + entry.data_offsets[1]
  }

  // MARK: The header

  private static func headerText(_ index: [String: Entry], _ metadata: [String: String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let tensors = String(decoding: try encoder.encode(index), as: UTF8.self)
    let words = String(decoding: try encoder.encode(metadata), as: UTF8.self)
    return "{\"__metadata__\":\(words)\(index.isEmpty ? "" : ",")\(tensors.dropFirst())"
  }

  private static func readHeader(_ text: Data) throws -> ([String: Entry], [String: String]) {
    struct Header: Decodable {
      var index: [String: Entry] = [:]
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
            index[key.stringValue] = try container.decode(Entry.self, forKey: key)
          }
        }
      }
    }
    let header = try JSONDecoder().decode(Header.self, from: text)
    return (header.index, header.metadata)
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
