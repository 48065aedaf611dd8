private import FoundationEssentials

/// The contents of a CSV file, checked to be text.
struct CSVText: Sendable {
  /// The path, for errors.
  let path: String
  /// The bytes without a byte order mark.
  let bytes: [UInt8]
  /// What was ignored in a compressed file.
  let notes: [String]

  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let quote = UInt8(ascii: "\"")
  static let blank = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")

  /// Reads a file, decompressing gzip.
  /// - Throws: `DatasetError` if it can't be read, is empty, or is not UTF-8 text.
  init(path: String) throws {
    let contents = try DatasetFile.unpackedContents(of: path)
    self.path = path
    notes = contents.notes
    // Spreadsheets write a byte order mark.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    bytes = contents.bytes.starts(with: mark) ? Array(contents.bytes.dropFirst(mark.count)) : contents.bytes
    guard !bytes.isEmpty else {
      throw DatasetError(.empty, path: path, expected: "rows of a label and pixels", found: "nothing")
    }
    if let found = Self.strangeness(contents.bytes) {
      throw DatasetError(.wrongFormat, path: path, expected: "text in UTF-8", found: found)
    }
  }

  /// What the bytes are, if they are not supported text; nil if they seem to be.
  private static func strangeness(_ bytes: [UInt8]) -> String? {
    if let encoding = encoding(bytes) {
      return "\(encoding.words): save it as UTF-8, or: iconv -f \(encoding.name) -t UTF-8"
    }
    if bytes.starts(with: "<!".utf8) || bytes.starts(with: "<html".utf8) || bytes.starts(with: "<?xml".utf8) {
      return "a web page or XML (“\(visible(bytes.prefix(14)))”)"
    }
    if let kind = ForeignFile.kind(of: bytes.prefix(ForeignFile.headSize)) { return kind.words }
    guard let index = bytes.firstIndex(of: 0) else { return nil }
    let row = 1 + bytes[..<index].count { $0 == lineFeed }
    return "a NUL byte (0x00) at byte \(index), row \(row)"
  }

  /// A multi-byte encoding, detected by its byte order mark or the positions of zero bytes.
  private static func encoding(_ bytes: [UInt8]) -> (name: String, words: String)? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return ("UTF-32", "UTF-32 (little-endian)") }
    if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return ("UTF-32", "UTF-32 (big-endian)") }
    if bytes.starts(with: [0xFF, 0xFE]) { return ("UTF-16", "UTF-16 (little-endian)") }
    if bytes.starts(with: [0xFE, 0xFF]) { return ("UTF-16", "UTF-16 (big-endian)") }
    var zeros = [0, 0, 0, 0]
    let head = bytes.prefix(1024)
    for (index, byte) in head.enumerated() where byte == 0 { zeros[index % 4] += 1 }
    // Nearly every character of a table is ASCII.
    let isZero = zeros.map { $0 * 10 > (head.count / 4) * 9 }
    guard head.count >= 4 else { return nil }
    switch isZero {
    case [false, true, false, true]: return ("UTF-16LE", "UTF-16 (little-endian, without a byte order mark)")
    case [true, false, true, false]: return ("UTF-16BE", "UTF-16 (big-endian, without a byte order mark)")
    case [false, true, true, true]: return ("UTF-32LE", "UTF-32 (little-endian, without a byte order mark)")
    case [true, true, true, false]: return ("UTF-32BE", "UTF-32 (big-endian, without a byte order mark)")
    default: return nil
    }
  }

  /// Bytes for an error message, with control and formatting characters and invalid UTF-8 escaped.
  static func visible(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case "\n": text += "\\n"
      case "\0": text += "\\0"
      case _ where [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory):
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

/// A field of a row: its raw bytes, and its value without surrounding spaces and quotes.
struct CSVField: Sendable {
  /// The raw bytes, including spaces and quotes.
  let raw: ArraySlice<UInt8>
  /// The value.
  let value: [UInt8]

  /// Parses a field; nil if its quotes do not match.
  init?(_ raw: ArraySlice<UInt8>) {
    self.raw = raw
    let trimmed = Self.trimmed(raw)
    guard trimmed.first == CSVText.quote else {
      value = Array(trimmed)
      return
    }
    guard trimmed.count > 1, trimmed.last == CSVText.quote else { return nil }
    var inside: [UInt8] = []
    var index = trimmed.startIndex + 1
    while index < trimmed.endIndex - 1 {
      if trimmed[index] == CSVText.quote {
        // A quote inside quotes is doubled.
        guard index + 1 < trimmed.endIndex - 1, trimmed[index + 1] == CSVText.quote else { return nil }
        index += 1
      }
      inside.append(trimmed[index])
      index += 1
    }
    value = Array(Self.trimmed(inside[...]))
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank = { (byte: UInt8) in byte == CSVText.blank || byte == CSVText.tab }
    var bytes = bytes
    while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return bytes
  }

  /// The value as a number, such as `5`, `5.0` or `5.000e+00`; nil if it is not a number.
  var number: Double? {
    guard !value.isEmpty, value.count <= 64 else { return nil }
    // Swift also parses “nan”, “inf” and hexadecimal numbers.
    let isPlain = value.allSatisfy { byte in
      byte &- UInt8(ascii: "0") < 10 || ".+-eE".utf8.contains(byte)
    }
    guard isPlain, let number = Double(String(decoding: value, as: UTF8.self)), number.isFinite else { return nil }
    return number
  }

  /// The value as a whole number from 0 to 255; nil otherwise.
  var byte: UInt8? { CSVParser.byte(value.span, 0..<value.count) }

  /// The value as text; nil if it is not UTF-8.
  var text: String? { String(validating: value, as: UTF8.self) }
}
