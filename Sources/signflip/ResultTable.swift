import EngineProtocol
import Foundation

/// The results of a training as a table.
enum ResultTable {
  /// A line a lane.
  static func text(_ results: [LaneResult]) -> String {
    let rows =
      [["lane", "test", "best validation", "epoch", "parameters", "seconds", "weights SHA-256"]]
      + results.map { result in
        [
          result.lane, percent(result.testAccuracy), percent(result.bestValidationAccuracy),
          result.bestEpoch.map(String.init) ?? "–", String(result.parameters), String(format: "%.1f", result.seconds),
          result.weightsSHA256.map { String($0.prefix(16)) } ?? "–",
        ]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { index, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 || index == 6 ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func percent(_ share: Double?) -> String { share.map { String(format: "%.2f %%", $0 * 100) } ?? "–" }
}
