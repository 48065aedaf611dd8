import EngineProtocol
import Foundation

/// The results of a training as a table.
enum ResultTable {
  private struct Column {
    var title: String
    var isWord = false
    var cell: @Sendable (LaneResult) -> String
  }

  private static let columns = [
    Column(title: "lane", isWord: true) { $0.lane.printable },
    Column(title: "test") { percent($0.testAccuracy) },
    Column(title: "best validation") { percent($0.bestValidationAccuracy) },
    Column(title: "epoch") { $0.bestEpoch.map(String.init) ?? "–" },
    Column(title: "parameters") { String($0.parameters) },
    Column(title: "seconds") { String(format: "%.1f", $0.seconds) },
    Column(title: "weights SHA-256", isWord: true) { $0.weightsSHA256.map { String($0.prefix(16)) } ?? "–" },
  ]

  /// A line a lane, words to the left and numbers to the right.
  static func text(_ results: [LaneResult]) -> String {
    let rows = [columns.map(\.title)] + results.map { result in columns.map { $0.cell(result) } }
    let widths = columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      columns.indices.map { index in
        let padding = String(repeating: " ", count: widths[index] - row[index].count)
        return columns[index].isWord ? row[index] + padding : padding + row[index]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func percent(_ share: Double?) -> String { share.map { String(format: "%.2f %%", $0 * 100) } ?? "–" }
}
