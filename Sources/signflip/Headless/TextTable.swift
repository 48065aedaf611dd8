import TrainingMetrics

/// Rows of text in columns, words to the left and numbers to the right.
struct TextTable {
  /// A column's title, and to which side its cells stand.
  struct Column {
    var title: String
    var isWord: Bool

    /// A column of words.
    static func word(_ title: String) -> Column { Column(title: title, isWord: true) }
    /// A column of numbers.
    static func number(_ title: String) -> Column { Column(title: title, isWord: false) }
  }

  /// The columns.
  let columns: [Column]
  /// The cells of each row, as many as columns.
  var rows: [[String]] = []

  /// A table without rows.
  init(_ columns: [Column]) { self.columns = columns }

  /// The table with its titles, a line a row.
  var text: String {
    let all = ([columns.map(\.title)] + rows).map { $0.map(\.printableLine) }
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = columns.indices.map { index in
        let padding = String(repeating: " ", count: widths[index] - row[index].count)
        return columns[index].isWord ? row[index] + padding : padding + row[index]
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
