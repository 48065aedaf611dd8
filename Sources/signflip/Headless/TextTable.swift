import Foundation
import TerminalUI
import TrainingMetrics

/// A table of text with aligned columns: words to the left, numbers to the right.
struct TextTable {
  /// A column's title and alignment.
  struct Column {
    var title: String
    var isWord: Bool

    /// A column of words.
    static func word(_ title: String) -> Column { Column(title: title, isWord: true) }
    /// A column of numbers.
    static func number(_ title: String) -> Column { Column(title: title, isWord: false) }
  }

  let columns: [Column]
  /// The cells of each row, one per column.
  var rows: [[String]] = []

  /// A table without rows.
  init(_ columns: [Column]) { self.columns = columns }

  /// The table with its titles, one line per row. On a terminal, long words are cut so that the figures stay aligned.
  var text: String { text(width: StandardStream.output.columns) }

  /// Returns the table with lines of at most `width` columns, as far as cutting words allows; nil for no limit.
  func text(width: Int?) -> String {
    let all = ([columns.map(\.title)] + rows).map { $0.map(\.printableLine) }
    let widths = widths(of: all, in: width)
    return all.map { row in
      var line = columns.indices.map { index in
        let cell = truncated(row[index], width: widths[index])
        let padding = String(repeating: " ", count: widths[index] - displayWidth(cell))
        return columns[index].isWord ? cell + padding : padding + cell
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  // The widest column is narrowed until all fit. Figures are never cut.
  private func widths(of rows: [[String]], in width: Int?) -> [Int] {
    let cells = columns.indices.map { column in rows.map { displayWidth($0[column]) } }
    var widths = cells.map { $0.max() ?? 0 }
    guard let width else { return widths }
    let least = columns.indices.map { column in
      columns[column].isWord
        ? min(widths[column], 8) : cells[column].dropFirst().map { min($0, Self.widestFigure) }.max() ?? 0
    }
    while widths.reduce(2 * (widths.count - 1), +) > width {
      guard let widest = widths.indices.filter({ widths[$0] > least[$0] }).max(by: { widths[$0] < widths[$1] }) else {
        break
      }
      widths[widest] -= 1
    }
    return widths
  }

  private static let widestFigure = 16
}
