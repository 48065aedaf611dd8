/// Takes rows of numbers from 0 to 255 apart, a byte at a time.
struct CSVParser {
  /// The file, for errors.
  let path: String
  /// The number of values in a row; nil before the first one.
  private(set) var width: Int?
  /// The row at hand, from 1.
  var row: Int
  /// The first value of each row.
  private(set) var labels: [UInt8] = []
  /// The other values of each row.
  private(set) var pixels: [UInt8] = []

  /// A parser that begins in a row.
  init(path: String, width: Int?, row: Int) {
    self.path = path
    self.width = width
    self.row = row
  }

  /// Makes room for pixels.
  mutating func reserve(_ count: Int) { pixels.reserveCapacity(count) }

  /// Takes all rows; the last one may end without a line break, and be followed by empty ones.
  /// - Throws: `DatasetError` with path and row.
  mutating func parse(_ text: borrowing Span<UInt8>) throws {
    var (field, column, value) = (0, 0, 0)
    for index in 0...text.count {
      let byte = index < text.count ? text[index] : Self.lineFeed
      let digit = byte &- UInt8(ascii: "0")
      if digit < 10 {
        // Three digits are enough; a longer number stays too large.
        value = min(value * 10 + Int(digit), 1_000)
        continue
      }
      let isEnd = byte == Self.lineFeed
      guard isEnd || byte == UInt8(ascii: ",") else {
        // A blank before a number, and the carriage return of Windows.
        if byte == UInt8(ascii: " "), field == index {
          field += 1
          continue
        }
        if byte == UInt8(ascii: "\r"), index + 1 >= text.count || text[index + 1] == Self.lineFeed { continue }
        throw invalid(text, field, column)
      }
      if isEnd, column == 0, Self.isBlank(text, field..<index) {
        guard Self.isBlank(text, index..<text.count) else {
          throw DatasetError(.wrongFormat, path: path, expected: values, found: "an empty row \(row)")
        }
        return
      }
      guard value <= 255, !Self.isBlank(text, field..<min(index, field + 1)) else { throw invalid(text, field, column) }
      if column == 0 { labels.append(UInt8(value)) } else { pixels.append(UInt8(value)) }
      (field, column, value) = (index + 1, column + 1, 0)
      if isEnd {
        guard column == width ?? column else {
          throw DatasetError(.mismatch, path: path, expected: "\(values) in row \(row)", found: "\(column)")
        }
        width = column
        (row, column) = (row + 1, 0)
      }
    }
  }

  private static let lineFeed = UInt8(ascii: "\n")

  private var values: String { width.map { "\($0) values" } ?? "values" }

  /// Whether no value stands in a range: there are but blanks and line breaks, or nothing.
  private static func isBlank(_ text: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range where text[index] > UInt8(ascii: " ") { return false }
    return true
  }

  /// The error about a field.
  private func invalid(_ text: borrowing Span<UInt8>, _ field: Int, _ column: Int) -> DatasetError {
    var bytes: [UInt8] = []
    var index = field
    while index < text.count, bytes.count < 24, text[index] != UInt8(ascii: ","), text[index] != Self.lineFeed {
      bytes.append(text[index])
      index += 1
    }
    let word = String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline }
    return DatasetError(
      .wrongFormat, path: path, expected: "whole numbers from 0 to 255",
      found: (word.isEmpty ? "nothing" : "“\(word)”") + " in row \(row), column \(column + 1)")
  }
}
