private import FoundationEssentials
internal import Tensors

/// The contents of an IDX file: images of unsigned bytes in three dimensions, or labels.
///
/// The header is big-endian: two zero bytes, the type of a value (8: unsigned byte), the number of dimensions, then the
/// size of each dimension in 32 bits. The data follows, row-major. Gzipped files are detected by their contents.
/// - SeeAlso: LeCun, Cortes and Burges, “The MNIST database”, file formats.
struct IDXFile: Sendable {
  /// The contents of a file.
  enum Kind: String, Sendable {
    case images
    case labels

    /// The usual number of dimensions.
    var dimensions: Int { self == .images ? 3 : 1 }
  }

  /// Its path.
  let path: String
  /// The size of each dimension, starting with the number of items.
  let shape: [Int]
  /// The type of a value.
  let type: IDXType
  /// The data, row-major, as many values as `shape` says.
  let bytes: ByteStorage
  /// What was ignored.
  let notes: [String]

  /// Reads a file. A large uncompressed file is mapped, and read on access.
  /// - Parameters:
  ///   - path: the file.
  ///   - kind: images are unsigned bytes in three dimensions; labels are whole numbers in one or two dimensions.
  /// - Throws: `DatasetError` if the file cannot be read, is damaged, or does not match its header.
  init(path: String, kind: Kind) throws {
    if let mapped = DatasetFile.mapped(path), !GzipReader.recognizes(mapped) {
      try self.init(path: path, kind: kind, mapped: mapped)
      return
    }
    let data = try DatasetFile.contents(of: path)
    let gzip = GzipReader.recognizes(data) ? GzipReader(data: data) : nil
    func prefix(_ count: Int) throws -> GzipReader.Contents {
      guard let gzip else { return .init(bytes: [UInt8](data.prefix(count))) }
      return try DatasetFile.gzipPrefix(count, gzip, path: path)
    }

    let header = try IDXHeader(prefix(IDXHeader.largestSize).bytes, kind: kind, path: path)
    let size = try header.dataSize(limit: DatasetFile.largestSize)
    // One byte more than announced, to detect additional bytes.
    let whole = try prefix(header.size + size + 1)
    let found = gzip == nil ? data.count : whole.bytes.count
    try header.verify(found - header.size, size: size, isCounted: gzip == nil)
    self.init(
      path: path, header: header, bytes: ByteStorage([UInt8](whole.bytes[header.size...])),
      notes: DatasetFile.notes(on: whole, path: path))
  }

  private init(path: String, kind: Kind, mapped: ByteStorage) throws {
    let header = try IDXHeader([UInt8](mapped.prefix(IDXHeader.largestSize)), kind: kind, path: path)
    let size = try header.dataSize(limit: .max)
    try header.verify(mapped.count - header.size, size: size, isCounted: true)
    self.init(path: path, header: header, bytes: mapped.droppingFirst(header.size), notes: [])
  }

  private init(path: String, header: IDXHeader, bytes: ByteStorage, notes: [String]) {
    self.path = path
    self.shape = header.shape
    self.type = header.type
    self.bytes = bytes
    self.notes = notes
  }

  /// Returns one label per item, and notes about their interpretation.
  ///
  /// With two dimensions, the first column is the class, as in QMNIST; or the labels are one-hot.
  func labels() -> (labels: [Int], notes: [String]) {
    let values = type.values(bytes)
    let columns = shape.count == 2 ? shape[1] : 1
    guard columns > 1 else { return (values, notes) }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let rows = (0..<shape[0]).map { values[$0 * columns..<($0 + 1) * columns] }
    let isOneHot = rows.allSatisfy { row in
      row.allSatisfy { $0 == 0 || $0 == 1 } && row.reduce(0, +) == 1
    }
    if isOneHot {
      let labels = rows.map { row in (row.firstIndex(of: 1) ?? row.startIndex) - row.startIndex }
      return (labels, notes + ["\(name): the labels are one-hot with \(columns) columns"])
    }
    return (rows.map { $0[$0.startIndex] }, notes + ["\(name): the first of \(columns) columns is the class"])
  }
}

/// The type of the values of an IDX file, as numbered in the header.
enum IDXType: UInt8, Sendable {
  case unsignedByte = 0x08
  case signedByte = 0x09
  case short = 0x0B
  case int = 0x0C

  /// The size of a value in bytes.
  var size: Int {
    switch self {
    case .unsignedByte, .signedByte: 1
    case .short: 2
    case .int: 4
    }
  }

  /// Returns the values of big-endian data.
  func values(_ bytes: ByteStorage) -> [Int] {
    let bytes = [UInt8](bytes)
    switch self {
    case .unsignedByte: return bytes.map(Int.init)
    case .signedByte: return bytes.map { Int(Int8(bitPattern: $0)) }
    case .short:
      return stride(from: 0, to: bytes.count - 1, by: 2).map {
        Int(Int16(bitPattern: UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])))
      }
    case .int:
      return stride(from: 0, to: bytes.count - 3, by: 4).map { start in
        Int(Int32(bitPattern: bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }))
      }
    }
  }
}
