/// The header of a file in IDX format.
struct IDXHeader: Sendable {
  /// The maximum size of a supported header in bytes.
  static let largestSize = 16

  /// The path, for errors.
  let path: String
  /// The type of a value.
  let type: IDXType
  /// The size of each dimension, starting with the number of items.
  let shape: [Int]

  /// The size of the header in bytes.
  var size: Int { 4 + 4 * shape.count }

  private var sizes: String { shape.map(String.init).joined(separator: " × ") }

  /// Parses a header at the beginning of a file.
  /// - Throws: `DatasetError` if it is truncated, or of another kind of file.
  init(_ bytes: [UInt8], kind: IDXFile.Kind, path: String) throws {
    let expectedSize = 4 + 4 * kind.dimensions
    guard !bytes.isEmpty else {
      throw DatasetError(.empty, path: path, expected: "an IDX header of \(expectedSize) bytes", found: "nothing")
    }
    let words = stride(from: 0, to: bytes.count & ~3, by: 4).map { start in
      bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    let magic = 0x0800 + UInt32(kind.dimensions)
    guard let found = words.first, let type = Self.type(found, kind) else {
      throw DatasetError(
        .wrongFormat, path: path, expected: "the magic number \(Self.hexadecimal(magic)) of IDX \(kind.rawValue)",
        found: words.first.map(Self.hexadecimal) ?? "\(bytes.count) bytes")
    }
    let dimensions = Int(found & 0xFF)
    guard words.count > dimensions else {
      throw DatasetError(
        .truncated, path: path, expected: "an IDX header of \(4 + 4 * dimensions) bytes",
        found: "the end after \(bytes.count)")
    }
    self.path = path
    self.type = type
    shape = words[1...dimensions].map(Int.init)
  }

  /// Returns the type for a magic number; nil if such a file is not supported as this kind.
  private static func type(_ magic: UInt32, _ kind: IDXFile.Kind) -> IDXType? {
    guard magic <= 0xFFFF, let type = IDXType(rawValue: UInt8(magic >> 8)) else { return nil }
    let dimensions = magic & 0xFF
    switch kind {
    case .images: return type == .unsignedByte && dimensions == 3 ? type : nil
    case .labels: return dimensions == 1 || dimensions == 2 ? type : nil
    }
  }

  /// Returns the number of bytes that the shape requires.
  /// - Throws: `DatasetError` if that is 0, or above the limit.
  func dataSize(limit: Int) throws -> Int {
    guard !shape.contains(0) else {
      throw DatasetError(.empty, path: path, expected: "at least one value", found: sizes)
    }
    var size = 1
    for dimension in shape + [type.size] {
      let (product, overflows) = size.multipliedReportingOverflow(by: dimension)
      guard !overflows, product <= limit else {
        throw DatasetError(.tooLarge, path: path, expected: "at most \(limit) bytes of data", found: sizes)
      }
      size = product
    }
    return size
  }

  /// Compares the number of data bytes found with the header.
  /// - Parameter isCounted: whether `found` is the exact number, rather than limited to one byte too many.
  func verify(_ found: Int, size: Int, isCounted: Bool) throws {
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

  private static func hexadecimal(_ word: UInt32) -> String {
    let digits = String(word, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
