import Foundation
import TerminalUI
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

  /// The table with its titles, a line a row. On a terminal long words are cut, so that the figures stay in its columns.
  var text: String { text(width: StandardStream.output.columns) }

  /// The table in lines of at most `width` columns, where cutting words can do that; nil cuts nothing.
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

  // The widest column is made narrower until all fit. Figures are not cut: a column of them stays as wide as they are.
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
