/// Parses rows of separated values byte by byte.
struct CSVParser {
  /// The content of a column.
  enum Column: Sendable {
    case label
    case pixel
    case ignored
  }

  /// The file.
  let text: CSVText
  /// The separator.
  let separator: UInt8
  /// The content of each column.
  let columns: [Column]
  /// The current row number, from 1.
  private var row: Int
  /// The byte offset of the first row.
  private let index: Int
  /// The label of each row, unless the labels are names.
  private(set) var labels: [UInt8] = []
  /// The label of each row, if the labels are names.
  private(set) var names: [[UInt8]] = []
  /// The row number of the first label. Only empty rows at the end are allowed, so row numbers are consecutive.
  let firstRow: Int
  /// The pixels of each row.
  private(set) var pixels: [UInt8] = []

  /// A parser that starts at a row.
  /// - Parameters:
  ///   - columns: the content of each column; each row must have as many.
  ///   - row: the number of the first row, from 1.
  ///   - index: its byte offset.
  init(_ text: CSVText, separator: UInt8, columns: [Column], row: Int, from index: Int) {
    self.text = text
    self.separator = separator
    self.columns = columns
    self.row = row
    self.index = index
    firstRow = row
  }

  /// Parses all rows. The last one may lack a line break, or be followed by empty rows.
  /// - Throws: `DatasetError` with path and row.
  mutating func parse() throws {
    let source = text.bytes
    let bytes = source.span
    let (separator, columns) = (separator, columns)
    let last = columns.count - 1
    // Local variables for speed: a table of digits has fifty million fields.
    var (values, index): ([UInt8], Int) = ([], index)
    // A pixel takes two to four bytes.
    values.reserveCapacity((bytes.count - index) / 3)
    while index < bytes.count {
      if try isEnd(bytes, index) { break }
      for number in 0...last {
        // Fast path for fields of one to three digits.
        var (end, value) = (index, 0)
        while end < bytes.count, case let digit = bytes[end] &- UInt8(ascii: "0"), digit < 10 {
          value = min(value * 10 + Int(digit), 1_000)
          end += 1
        }
        let isWhole = end < bytes.count && (number < last ? bytes[end] == separator : bytes[end] == CSVText.lineFeed)
        if isWhole, end > index, value <= 255, columns[number] == .pixel {
          values.append(UInt8(value))
          index = end
        } else {
          let field = Self.fieldEnd(bytes, from: index, separator)
          if columns[number] == .pixel, let byte = Self.byte(bytes, index..<field) {
            values.append(byte)
          } else if let byte = try take(source[index..<field], columns[number], number) {
            values.append(byte)
          }
          index = field
        }
        if number < last {
          guard index < bytes.count, bytes[index] == separator else { throw mismatch(found: number + 1) }
          index += 1
        }
      }
      if index < bytes.count, bytes[index] == separator {
        throw mismatch(found: columns.count + Self.fieldCount(bytes, from: index, separator) - 1)
      }
      index = Self.afterLine(bytes, index)
      row += 1
    }
    pixels = values
  }

  /// Returns whether only empty rows follow.
  private func isEnd(_ bytes: borrowing Span<UInt8>, _ index: Int) throws -> Bool {
    var next = index
    while next < bytes.count, Self.isBlank(bytes[next]), bytes[next] != separator { next += 1 }
    guard next >= bytes.count || Self.isLineEnd(bytes[next]) else { return false }
    while next < bytes.count {
      guard Self.isBlank(bytes[next]) || Self.isLineEnd(bytes[next]) else {
        throw DatasetError(
          .wrongFormat, path: text.path, expected: "\(columns.count) values", found: "an empty row \(row)")
      }
      next += 1
    }
    return true
  }

  /// Handles a label or a quoted field.
  /// - Returns: the pixel value; nil if it is not a pixel.
  private mutating func take(_ raw: ArraySlice<UInt8>, _ column: Column, _ number: Int) throws -> UInt8? {
    if column == .ignored { return nil }
    guard let field = CSVField(raw) else { throw invalid(raw, "a value with matching quotes", number) }
    if let byte = field.byte {
      if column == .pixel { return byte }
      guard names.isEmpty else { throw mixed(raw, number) }
      labels.append(byte)
      return nil
    }
    guard column == .label, field.number == nil, !field.value.isEmpty else {
      throw invalid(raw, "whole numbers from 0 to 255", number)
    }
    guard let name = field.text, !Self.missingValues.contains(name),
      CSVText.visible(field.value) == name, field.value.count <= 200
    else { throw invalid(raw, "a label: a number, or a name in UTF-8 without control characters", number) }
    guard labels.isEmpty else { throw mixed(raw, number) }
    names.append(field.value)
    return nil
  }

  /// Parses a whole number from 0 to 255 without quotes: `5`, `5.0`, `5.000e+00`; nil otherwise.
  static func byte(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> UInt8? {
    var (index, end) = (range.lowerBound, range.upperBound)
    while index < end, isBlank(bytes[index]) { index += 1 }
    while index < end, isBlank(bytes[end - 1]) { end -= 1 }
    let isNegative = index < end && bytes[index] == UInt8(ascii: "-")
    if index < end, isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }
    // The digits up to the last nonzero one, and the position of the decimal point.
    var (mantissa, significant, digits, point) = (0, 0, 0, -1)
    while index < end {
      let digit = Int(bytes[index]) - Int(UInt8(ascii: "0"))
      if digit == Int(UInt8(ascii: ".")) - Int(UInt8(ascii: "0")), point < 0 {
        point = digits
      } else if digit >= 0, digit < 10 {
        digits += 1
        if digit > 0 {
          for _ in significant..<digits { mantissa = min(mantissa * 10, 1_000_000) }
          (mantissa, significant) = (mantissa + digit, digits)
        }
      } else {
        break
      }
      index += 1
    }
    guard digits > 0 else { return nil }
    var exponent = (point < 0 ? digits : point) - significant
    if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      let sinks = index < end && bytes[index] == UInt8(ascii: "-")
      if index < end, sinks || bytes[index] == UInt8(ascii: "+") { index += 1 }
      var power = 0
      guard index < end else { return nil }
      while index < end {
        let digit = bytes[index] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        power = min(power * 10 + Int(digit), 1_000_000)
        index += 1
      }
      exponent += sinks ? -power : power
    }
    guard index == end else { return nil }
    if mantissa == 0 { return 0 }
    guard !isNegative, exponent >= 0, exponent < 3 else { return nil }
    for _ in 0..<exponent { mantissa *= 10 }
    return UInt8(exactly: mantissa)
  }

  // Texts that pandas reads as missing values.
  private static let missingValues: Set<String> = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
    "NaN", "None", "n/a", "nan", "null",
  ]

  /// Returns the end of a field: the next separator or line end outside quotes.
  static func fieldEnd(_ bytes: borrowing Span<UInt8>, from start: Int, _ separator: UInt8) -> Int {
    var end = start
    while end < bytes.count, isBlank(bytes[end]), bytes[end] != separator { end += 1 }
    let isQuoted = end < bytes.count && bytes[end] == CSVText.quote
    var isInside = false
    while end < bytes.count, !isLineEnd(bytes[end]), isInside || bytes[end] != separator {
      if isQuoted, bytes[end] == CSVText.quote { isInside.toggle() }
      end += 1
    }
    return end
  }

  /// Returns the number of fields from a position to the end of its line.
  static func fieldCount(_ bytes: borrowing Span<UInt8>, from start: Int, _ separator: UInt8) -> Int {
    var (count, index) = (1, start)
    while true {
      index = fieldEnd(bytes, from: index, separator)
      guard index < bytes.count, bytes[index] == separator else { return count }
      (count, index) = (count + 1, index + 1)
    }
  }

  /// Returns the start of the next line, after LF, CR or both.
  static func afterLine(_ bytes: borrowing Span<UInt8>, _ end: Int) -> Int {
    guard end < bytes.count else { return end }
    let isPair = bytes[end] == CSVText.carriageReturn && end + 1 < bytes.count && bytes[end + 1] == CSVText.lineFeed
    return end + (isPair ? 2 : 1)
  }

  static func isLineEnd(_ byte: UInt8) -> Bool { byte == CSVText.lineFeed || byte == CSVText.carriageReturn }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == CSVText.blank || byte == CSVText.tab }

  /// Returns the error about a row of a different width.
  private func mismatch(found: Int) -> DatasetError {
    DatasetError(
      .mismatch, path: text.path, expected: "\(columns.count) values in row \(row)", found: "\(found)")
  }

  private func mixed(_ raw: ArraySlice<UInt8>, _ column: Int) -> DatasetError {
    let other = names.isEmpty ? labels.last.map { "\($0)" } : names.last.map { CSVText.visible($0) }
    return invalid(raw, "labels of one kind, numbers or names, like “\(other ?? "")” in row \(row - 1)", column)
  }

  /// Returns the error about a field.
  private func invalid(_ raw: ArraySlice<UInt8>, _ expected: String, _ column: Int) -> DatasetError {
    let isBlank = raw.allSatisfy(Self.isBlank)
    let word = CSVText.visible(raw.prefix(24))
    return DatasetError(
      .wrongFormat, path: text.path, expected: expected,
      found: (isBlank ? "nothing" : "“\(word)”") + " in row \(row), column \(column + 1)")
  }
}
