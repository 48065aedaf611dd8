private import FoundationEssentials

/// The contents of a CSV file with one row per image: its label and its pixels, from 0 to 255.
///
/// The label is the column with such a name in the header, otherwise the first one. Rows are counted from 1, including
/// the header.
struct CSVFile: Sendable {
  /// Its path.
  let path: String
  /// The label of each row; empty if the labels are names.
  let labels: [UInt8]
  /// The label of each row as UTF-8, if the labels are names; otherwise empty.
  let names: [[UInt8]]
  /// The pixels of each row.
  let pixels: [UInt8]
  /// Number of pixels per row.
  let pixelCount: Int
  /// The layout of the file.
  let layout: CSVLayout
  /// The row number of the first image: 1, or 2 after a header.
  var firstRow: Int { layout.firstRow }

  /// Reads a file.
  /// - Parameter training: the training file, whose layout this one must match; nil for a training file.
  /// - Throws: `DatasetError` with path and row.
  init(path: String, like training: CSVFile?) throws {
    let text = try CSVText(path: path)
    let layout = try CSVLayout(text)
    if text.bytes.allSatisfy({ $0 <= CSVText.blank }) || layout.start >= text.bytes.count {
      throw DatasetError(
        .empty, path: path, expected: "rows of a label and pixels",
        found: layout.header == nil ? "none" : "a header alone")
    }
    let columns = try training.map { try Self.columns(of: layout, path: path, like: $0) } ?? layout.columns
    var parser = CSVParser(
      text, separator: layout.separator, columns: columns, row: layout.firstRow, from: layout.start)
    try parser.parse()
    guard !parser.labels.isEmpty || !parser.names.isEmpty else {
      throw DatasetError(.empty, path: path, expected: "rows of a label and pixels", found: "a header alone")
    }
    self.path = path
    self.layout = layout
    labels = parser.labels
    names = parser.names
    pixels = parser.pixels
    pixelCount = columns.count { $0 == .pixel }
    if training == nil, layout.labelName == nil, names.isEmpty { try requireLabelsFirst() }
  }

  /// Checks that the columns of a test file match those of the training file.
  private static func columns(
    of layout: CSVLayout, path: String, like training: CSVFile
  ) throws -> [CSVParser.Column] {
    let model = training.layout
    let other = training.path.split(separator: "/").last.map(String.init) ?? training.path
    func mismatch(_ expected: String, _ found: String) -> DatasetError {
      DatasetError(.mismatch, path: path, expected: expected, found: found)
    }
    if let name = model.labelName, layout.header != nil, layout.labelName == nil {
      throw mismatch("a column of labels, as “\(CSVText.visible(name.utf8))” of \(other)", "none in the header")
    }
    if layout.labelName == nil, model.header != nil, layout.header != model.header,
      model.labelColumn > 0 || model.columns.contains(.ignored)
    {
      throw mismatch("a header as that of \(other)", "none that names the label")
    }
    if let names = model.pixelNames, let found = layout.pixelNames, names != found, Set(names) == Set(found),
      let index = names.indices.first(where: { names[$0] != found[$0] })
    {
      throw mismatch(
        "the pixels in the order of \(other)",
        "“\(CSVText.visible(found[index].utf8))” where that has “\(CSVText.visible(names[index].utf8))”")
    }
    guard layout.columns.contains(.ignored) || model.columns.contains(.ignored) else {
      // A row of a different width is then reported with its number.
      guard layout.columns.count != model.columns.count else { return layout.columns }
      return model.columns
    }
    let count = layout.columns.count { $0 == .pixel }
    guard count == training.pixelCount else {
      throw mismatch("\(training.pixelCount) columns of pixels, as \(other) has", "\(count)")
    }
    return layout.columns
  }

  /// Checks that no other column than the first one seems to contain the labels. If the label is last and there is no
  /// header, the first pixel would be taken for the label.
  /// - Throws: `DatasetError` if that is ambiguous.
  private func requireLabelsFirst() throws {
    guard pixelCount > 0 else { return }
    let first = ColumnStatistics(labels)
    let last = ColumnStatistics(
      stride(from: pixelCount - 1, to: pixels.count, by: pixelCount).map { pixels[$0] })
    // Few values that are spread over the rows are labels; many values, or nearly always the same one, are a pixel.
    let isSure: Bool
    switch (first.areLabels, last.areLabels) {
    case (true, false): isSure = true
    case (true, true): isSure = last.distinct > max(32, 4 * first.distinct)
    case (false, true): isSure = false
    case (false, false): isSure = last.distinct > 4 * first.distinct || last.distinct == 1 || last.isMostlyOneValue
    }
    guard !isSure || first.distinct > 64 && !first.areLabels else { return }
    throw DatasetError(
      .mismatch, path: path,
      expected:
        "the label in the first column, or a header that names it (\(CSVLayout.labelNames.joined(separator: ", ")))",
      found: "\(first.distinct) different values in the first column and \(last.distinct) in the last")
  }
}

/// Statistics of the values of a column.
private struct ColumnStatistics {
  /// Number of distinct values.
  let distinct: Int
  /// Whether 90 % of the values are equal.
  let isMostlyOneValue: Bool
  /// Whether the values can be labels: consecutive from 0 or 1, and none of them rare.
  let areLabels: Bool

  init(_ values: [UInt8]) {
    var counts = [Int](repeating: 0, count: 256)
    for value in values { counts[Int(value)] += 1 }
    let used = counts.indices.filter { counts[$0] > 0 }
    distinct = used.count
    isMostlyOneValue = (counts.max() ?? 0) * 10 > values.count * 9
    let rarest = used.map { counts[$0] }.min() ?? 0
    areLabels =
      distinct > 1 && distinct <= 128 && (used[0] == 0 || used[0] == 1) && used[distinct - 1] - used[0] == distinct - 1
      && rarest * distinct * 20 >= values.count
  }
}
