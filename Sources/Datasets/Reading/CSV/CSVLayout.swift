/// The layout of a CSV file: the separator, whether row 1 is a header, and the content of each column.
struct CSVLayout: Sendable {
  /// The separator: a comma, a semicolon or a tab.
  let separator: UInt8
  /// The column names; nil without a header.
  let header: [String]?
  /// The content of each column.
  let columns: [CSVParser.Column]
  /// The row number of the first image, from 1.
  let firstRow: Int
  /// The byte offset of that row.
  let start: Int
  /// What was guessed or ignored.
  let notes: [String]

  /// The index of the label's column, from 0.
  var labelColumn: Int { columns.firstIndex(of: .label) ?? 0 }
  /// The name of the label's column; nil if the header does not name it.
  var labelName: String? { header.flatMap { Self.isLabel($0[labelColumn]) ? $0[labelColumn] : nil } }
  /// The names of the pixel columns, in order; nil without a header.
  var pixelNames: [String]? { header.map { zip($0, columns).filter { $1 == .pixel }.map(\.0) } }

  /// Possible names of a label column.
  static let labelNames = ["label", "labels", "class", "classes", "target", "targets", "y", "category", "digit"]
  // Names of columns with row numbers; pandas uses “Unnamed: 0” or nothing.
  private static let indexNames = ["", "id", "ids", "index", "idx", "row", "image_id", "imageid", "rowid", "row_id"]
  // Smaller images are not realistic, and their values may be 0, 1, 2, … by chance.
  private static let smallestNumberedHeader = 16

  private static func isLabel(_ name: String) -> Bool { labelNames.contains(name.lowercased()) }

  private static func isIndex(_ name: String) -> Bool {
    indexNames.contains(name.lowercased()) || name.lowercased().hasPrefix("unnamed: ")
  }

  /// Examines the first two rows of a file.
  /// - Throws: `DatasetError` if they are not such a table, or are ambiguous.
  init(_ text: CSVText) throws {
    let name = text.path.split(separator: "/").last.map(String.init) ?? text.path
    let bytes = text.bytes.span
    let separator = Self.separator(bytes)
    self.separator = separator
    func fields(from start: Int) -> (fields: [CSVField?], next: Int) {
      var (fields, index): ([CSVField?], Int) = ([], start)
      while true {
        let end = CSVParser.fieldEnd(text.bytes.span, from: index, separator)
        fields.append(CSVField(text.bytes[index..<end]))
        guard end < text.bytes.count, text.bytes[end] == separator else {
          return (fields, CSVParser.afterLine(text.bytes.span, end))
        }
        index = end + 1
      }
    }
    let first = fields(from: 0)
    if first.fields.count == 1, let word = first.fields[0]?.value, word.contains(CSVText.blank) {
      throw DatasetError(
        .wrongFormat, path: text.path, expected: "values separated by commas, semicolons or tabs",
        found: "“\(CSVText.visible(word.prefix(24)))” in row 1")
    }
    var notes = text.notes
    let kind = Self.headerKind(first.fields)
    guard kind != .none else {
      if Self.isConsecutive(first.fields) {
        notes.append("\(name): row 1 is consecutive (0, 1, 2, …) and was read as an image, not as a header")
      }
      var columns = [CSVParser.Column](repeating: .pixel, count: first.fields.count)
      // A name can only be a label, because pixels are numbers.
      let isLast = columns.count > 1 && Self.isNumber(first.fields[0]) && Self.isWord(first.fields[columns.count - 1])
      columns[isLast ? columns.count - 1 : 0] = .label
      if isLast { notes.append("\(name): the label is the last column, the only one with names") }
      (self.header, self.columns, firstRow, start, self.notes) = (nil, columns, 1, 0, notes)
      return
    }
    if kind == .numbers {
      notes.append("\(name): row 1 is a header of numbers, not an image")
    }
    var header: [String] = []
    for (index, field) in first.fields.enumerated() {
      guard let field, let word = field.text else {
        throw DatasetError(
          .wrongFormat, path: text.path, expected: "a column name in UTF-8 with matching quotes",
          found: "byte \(field?.raw.startIndex ?? 0) and what follows in row 1, column \(index + 1)")
      }
      // NumPy writes a number sign before its header.
      header.append(index == 0 && word.hasPrefix("#") ? String(word.dropFirst().drop { $0 == " " }) : word)
    }
    if first.next < bytes.count {
      let found = CSVParser.fieldCount(bytes, from: first.next, separator)
      if found == header.count + 1 {
        // R's write.table omits the name of the column with row names.
        header.insert("", at: 0)
      }
    }
    let labels = header.indices.filter { Self.isLabel(header[$0]) }
    guard labels.count < 2 else {
      let found = labels.map { "“\(CSVText.visible(header[$0].utf8))” (column \($0 + 1))" }.joined(separator: ", ")
      throw DatasetError(.mismatch, path: text.path, expected: "one column of labels in the header", found: found)
    }
    var columns = header.map { Self.isIndex($0) ? CSVParser.Column.ignored : .pixel }
    for (index, column) in columns.enumerated() where column == .ignored {
      let word = header[index].isEmpty ? "without a name" : "“\(CSVText.visible(header[index].utf8))”"
      notes.append("\(name): ignored column \(index + 1) \(word), which contains row numbers")
    }
    guard let label = labels.first ?? columns.firstIndex(of: .pixel) else {
      throw DatasetError(.wrongFormat, path: text.path, expected: "columns of a label and pixels", found: "none")
    }
    columns[label] = .label
    if label > 0, labels.first != nil, columns[..<label].contains(.pixel) {
      notes.append(
        "\(name): the label is column \(label + 1) of \(columns.count), “\(CSVText.visible(header[label].utf8))”")
    }
    (self.header, self.columns, firstRow, start, self.notes) = (header, columns, 2, first.next, notes)
  }

  /// The most frequent of comma, semicolon and tab in row 1.
  private static func separator(_ bytes: borrowing Span<UInt8>) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), CSVText.tab]
    var counts = [0, 0, 0]
    var (index, isInside) = (0, false)
    while index < bytes.count, !CSVParser.isLineEnd(bytes[index]) {
      if bytes[index] == CSVText.quote { isInside.toggle() }
      if !isInside, let candidate = candidates.firstIndex(of: bytes[index]) { counts[candidate] += 1 }
      index += 1
    }
    let most = counts.max() ?? 0
    return counts.firstIndex(of: most).map { candidates[$0] } ?? candidates[0]
  }

  private enum HeaderKind { case none, names, numbers }

  private static func isNumber(_ field: CSVField?) -> Bool { field?.number != nil }

  private static func isWord(_ field: CSVField?) -> Bool { field.map { $0.number == nil && !$0.value.isEmpty } ?? true }

  /// The kind of header in row 1: names if most fields are words; numbers if these are consecutive, or are values of an
  /// image that pandas has made unique (`0`, `0.1`, `0.2`).
  private static func headerKind(_ fields: [CSVField?]) -> HeaderKind {
    let words = fields.count { isWord($0) }
    if words * 2 >= fields.count, words > 0 { return .names }
    return isConsecutive(fields) && fields.count > smallestNumberedHeader || isMangled(fields) ? .numbers : .none
  }

  /// The fields without those named as label or index.
  private static func unnamed(_ fields: [CSVField?]) -> [CSVField?] {
    fields.filter { field in field?.text.map { !isLabel($0) && !isIndex($0) } ?? true }
  }

  /// Whether the fields are 0, 1, 2, … or 1, 2, 3, …
  private static func isConsecutive(_ fields: [CSVField?]) -> Bool {
    let numbers = unnamed(fields).map { $0?.number }
    guard numbers.count > 3, let first = numbers[0], first == 0 || first == 1 else { return false }
    return numbers.enumerated().allSatisfy { $1 == first + Double($0) }
  }

  /// Whether repeated fields have a number appended, as pandas does to make names unique.
  private static func isMangled(_ fields: [CSVField?]) -> Bool {
    var counts: [String: Int] = [:]
    var repeats = 0
    let fields = unnamed(fields)
    guard fields.count >= smallestNumberedHeader else { return false }
    for field in fields {
      guard let word = field?.text, let stem = word.split(separator: ".").first.map(String.init) else { return false }
      let count = counts[stem, default: 0]
      guard word == (count == 0 ? stem : "\(stem).\(count)"), stem.allSatisfy(\.isNumber) else { return false }
      counts[stem] = count + 1
      if count > 0 { repeats += 1 }
    }
    return repeats > 0
  }
}
