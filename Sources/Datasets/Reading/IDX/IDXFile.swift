private import FoundationEssentials
internal import Tensors

/// The contents of a file in IDX format: unsigned bytes in one dimension (labels) or three (images).
///
/// The header is big-endian: two zero bytes, the type (8: unsigned byte), the number of dimensions, then the size of
/// each dimension as 32 bits. The data follow, row-major. Plain and gzipped files are told apart by their contents.
/// - SeeAlso: LeCun, Cortes and Burges, “The MNIST database”, file formats.
struct IDXFile: Sendable {
  /// Where it was read from.
  let path: String
  /// The size of each dimension, the number of items first.
  let shape: [Int]
  /// The data, row-major, as many bytes as `shape` says.
  let bytes: ByteStorage

  /// Reads a file; a large one is mapped, where it isn't compressed, and then read when its data are looked at.
  /// - Parameters:
  ///   - path: the file.
  ///   - dimensions: how many dimensions it must have: 1 or 3.
  /// - Throws: `DatasetError` where the file cannot be read, is damaged, or is not what its header says.
  init(path: String, dimensions: Int) throws {
    if let mapped = DatasetFile.mapped(path), !GzipReader.recognizes(mapped) {
      try self.init(path: path, dimensions: dimensions, mapped: mapped)
      return
    }
    let data = try DatasetFile.contents(of: path)
    let gzip = GzipReader.recognizes(data) ? GzipReader(data: data) : nil
    func prefix(_ count: Int) throws -> [UInt8] {
      guard let gzip else { return [UInt8](data.prefix(count)) }
      do {
        return try gzip.prefix(count)
      } catch {
        throw DatasetError(.corrupted, "\(path): expected intact gzip data, found: \(error.reason)", cause: error)
      }
    }

    let headerSize = 4 + 4 * dimensions
    let shape = try Self.shape(header: prefix(headerSize), dimensions: dimensions, path: path)
    let size = try Self.size(shape: shape, limit: DatasetFile.largestSize, path: path)
    // A byte more than announced, to notice bytes that nobody announced.
    let whole = try prefix(headerSize + size + 1)
    let found = gzip == nil ? data.count : whole.count
    try Self.verify(found - headerSize, size: size, shape: shape, isCounted: gzip == nil, path: path)
    self.init(path: path, shape: shape, bytes: ByteStorage([UInt8](whole[headerSize...])))
  }

  private init(path: String, dimensions: Int, mapped: ByteStorage) throws {
    let headerSize = 4 + 4 * dimensions
    let shape = try Self.shape(header: [UInt8](mapped.prefix(headerSize)), dimensions: dimensions, path: path)
    let size = try Self.size(shape: shape, limit: .max, path: path)
    try Self.verify(mapped.count - headerSize, size: size, shape: shape, isCounted: true, path: path)
    self.init(path: path, shape: shape, bytes: mapped.droppingFirst(headerSize))
  }

  private init(path: String, shape: [Int], bytes: ByteStorage) {
    self.path = path
    self.shape = shape
    self.bytes = bytes
  }

  /// Compares the bytes of data that were found with those that the header announces.
  /// - Parameter isCounted: whether `found` is all there is, not one too many.
  private static func verify(_ found: Int, size: Int, shape: [Int], isCounted: Bool, path: String) throws {
    let sizes = shape.map(String.init).joined(separator: " × ")
    guard found >= size else {
      throw DatasetError(
        .truncated, path: path, expected: "\(size) bytes of data for \(sizes)", found: "the end after \(found)")
    }
    guard found == size else {
      throw DatasetError(
        .trailingBytes, path: path, expected: "the end after \(size) bytes of data for \(sizes)",
        found: isCounted ? "\(found - size) more" : "more")
    }
  }

  /// The sizes that a header announces.
  private static func shape(header: [UInt8], dimensions: Int, path: String) throws -> [Int] {
    guard !header.isEmpty else {
      throw DatasetError(.empty, path: path, expected: "an IDX header of \(4 + 4 * dimensions) bytes", found: "nothing")
    }
    let words = stride(from: 0, to: header.count & ~3, by: 4).map { start in
      header[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    let magic = 0x0800 + UInt32(dimensions)
    let kind = dimensions == 1 ? "labels" : "images"
    guard let found = words.first, found == magic else {
      throw DatasetError(
        .wrongFormat, path: path, expected: "the magic number \(hexadecimal(magic)) of IDX \(kind)",
        found: words.first.map(hexadecimal) ?? "\(header.count) bytes")
    }
    guard header.count == 4 + 4 * dimensions else {
      throw DatasetError(
        .truncated, path: path, expected: "an IDX header of \(4 + 4 * dimensions) bytes",
        found: "the end after \(header.count)")
    }
    return words.dropFirst().map(Int.init)
  }

  /// The number of bytes that a shape announces.
  private static func size(shape: [Int], limit: Int, path: String) throws -> Int {
    let sizes = shape.map(String.init).joined(separator: " × ")
    guard !shape.contains(0) else {
      throw DatasetError(.empty, path: path, expected: "at least one value", found: sizes)
    }
    var size = 1
    for dimension in shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: dimension)
      guard !overflows, product <= limit else {
        throw DatasetError(
          .tooLarge, path: path, expected: "at most \(limit) bytes of data", found: sizes)
      }
      size = product
    }
    return size
  }

  private static func hexadecimal(_ word: UInt32) -> String {
    let digits = String(word, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
