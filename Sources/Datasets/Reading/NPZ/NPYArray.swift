private import FoundationEssentials

/// An array of whole numbers in NumPy's `.npy` format: bytes, or labels of up to 64 bits.
///
/// The file consists of `\x93NUMPY`, the version, the length of the header, the header as a Python dictionary,
/// `{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }`, and the data, with the last index varying
/// fastest.
/// - SeeAlso: NumPy, “NPY format”, numpy.lib.format.
struct NPYArray: Sendable {
  /// The size of each dimension.
  let shape: [Int]
  /// The type as written by NumPy: `|u1`, `<i8`.
  let type: String
  /// The data, little-endian or big-endian according to the type.
  let bytes: [UInt8]

  /// Why an array is not supported, as a clause.
  struct Failure: Error {
    let reason: String
  }

  /// Parses an array.
  init(_ file: [UInt8]) throws(Failure) {
    guard file.count >= 10, file.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(file[6]) else {
      throw Failure(reason: "not a NumPy array")
    }
    let lengthSize = file[6] == 1 ? 2 : 4
    let length = file.dropFirst(8).prefix(lengthSize).reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + lengthSize + length
    guard start <= file.count else { throw Failure(reason: "a truncated NumPy header") }
    let header = String(decoding: file[(8 + lengthSize)..<start], as: UTF8.self)
    guard let type = Self.word(header, after: "'descr':"), let order = Self.rest(header, after: "'fortran_order':"),
      let shape = Self.rest(header, after: "'shape':").flatMap(Self.shape)
    else { throw Failure(reason: "a NumPy header without type, order and shape") }
    guard !order.hasPrefix("True") || shape.count < 2 else { throw Failure(reason: "an array in Fortran order") }
    guard let size = Self.sizes[type] else {
      throw Failure(reason: "an array of the type \(CSVText.visible(type.utf8.prefix(20)))")
    }
    var count = size
    for dimension in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
      guard !overflows else { throw Failure(reason: "an array of impossible size") }
      count = product
    }
    guard file.count - start == count else {
      throw Failure(reason: "\(file.count - start) bytes of data where the shape says \(count)")
    }
    self.shape = shape
    self.type = type
    bytes = [UInt8](file[start...])
  }

  private init(shape: [Int], type: String, bytes: [UInt8]) {
    (self.shape, self.type, self.bytes) = (shape, type, bytes)
  }

  /// Returns the array with the items of another one appended; nil if their shapes or types differ.
  func appending(_ other: NPYArray) -> NPYArray? {
    guard type == other.type, shape.count == other.shape.count, !shape.isEmpty, shape[1...] == other.shape[1...] else {
      return nil
    }
    return NPYArray(shape: [shape[0] + other.shape[0]] + shape[1...], type: type, bytes: bytes + other.bytes)
  }

  /// Whether the values are bytes.
  var holdsBytes: Bool { type == "|u1" }

  /// Returns all values as whole numbers.
  func numbers() -> [Int] {
    guard let size = Self.sizes[type], size > 1 else {
      return type == "|i1" ? bytes.map { Int(Int8(bitPattern: $0)) } : bytes.map(Int.init)
    }
    let (isBig, isSigned) = (type.hasPrefix(">"), type.dropFirst().hasPrefix("i"))
    return stride(from: 0, to: bytes.count, by: size).map { start in
      let value = bytes[start..<start + size]
      let bits = (isBig ? Array(value) : value.reversed()).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let unused = UInt64(64 - 8 * size)
      return isSigned ? Int(Int64(bitPattern: bits << unused) >> Int64(unused)) : Int(truncatingIfNeeded: bits)
    }
  }

  // The size in bytes of a value of each supported type.
  private static let sizes: [String: Int] = {
    var sizes = ["|u1": 1, "|i1": 1, "|b1": 1]
    for size in [2, 4, 8] {
      for kind in ["<u", "<i", ">u", ">i"] { sizes["\(kind)\(size)"] = size }
    }
    return sizes
  }()

  /// Returns what follows a key, without spaces.
  private static func rest(_ header: String, after key: String) -> Substring? {
    let text = header.replacing("\"", with: "'")
    guard let place = text.firstRange(of: key) else { return nil }
    return text[place.upperBound...].drop { $0 == " " }
  }

  /// Returns the quoted word after a key.
  private static func word(_ header: String, after key: String) -> String? {
    guard let rest = rest(header, after: key), rest.first == "'" else { return nil }
    return rest.dropFirst().firstIndex(of: "'").map { String(rest[rest.index(after: rest.startIndex)..<$0]) }
  }

  /// Parses the numbers of a tuple: `(60000, 28, 28)`, `(5,)`.
  private static func shape(_ text: Substring) -> [Int]? {
    guard text.first == "(", let end = text.firstIndex(of: ")") else { return nil }
    let words = text[text.index(after: text.startIndex)..<end].split(separator: ",").map { $0.filter { $0 != " " } }
    let numbers = words.filter { !$0.isEmpty }.map { Int($0) }
    let shape = numbers.compactMap { $0 }
    return shape.count == numbers.count && shape.allSatisfy { $0 >= 0 } && shape.count <= 8 ? shape : nil
  }
}
