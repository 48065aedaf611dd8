private import FoundationEssentials

/// The contents of a file of comma-separated values: a row an image, its label and then its pixels, from 0 to 255.
///
/// A first row that begins with no number is a header. Rows are counted from 1, the header too.
struct CSVFile: Sendable {
  /// Where it was read from.
  let path: String
  /// The first value of each row.
  let labels: [UInt8]
  /// The other values of each row.
  let pixels: [UInt8]
  /// The number of values in a row.
  let width: Int
  /// The row of the first image: 1, or 2 after a header.
  let firstRow: Int

  /// Reads a file.
  /// - Parameter width: the values that a row must have; nil for as many as the first one has.
  /// - Throws: `DatasetError` with path and row.
  init(path: String, width: Int?) throws {
    let data = try DatasetFile.contents(of: path)
    let start = data.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
    guard start < data.count else {
      throw DatasetError(.empty, path: path, expected: "rows of a label and pixels", found: "nothing")
    }
    var parser = CSVParser(path: path, width: width, row: 1)
    // Pixels take two to four bytes each.
    parser.reserve(data.count / 3)
    let hasHeader = Self.beginsWord(data[data.startIndex + start])
    let end = hasHeader ? data[start...].firstIndex(of: UInt8(ascii: "\n")) : nil
    if hasHeader { parser.row = 2 }
    if let first = hasHeader ? end.map({ $0 + 1 }) : start { try parser.parse(data.span.extracting(first...)) }
    guard let found = parser.width, !parser.labels.isEmpty else {
      throw DatasetError(
        .empty, path: path, expected: "rows of a label and pixels", found: hasHeader ? "a header alone" : "none")
    }
    self.path = path
    self.width = found
    labels = parser.labels
    pixels = parser.pixels
    firstRow = hasHeader ? 2 : 1
  }

  // Spreadsheets write it.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private static func beginsWord(_ byte: UInt8) -> Bool {
    let letter = byte | 0x20
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter) || byte == UInt8(ascii: "\"")
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "#")
  }
}
