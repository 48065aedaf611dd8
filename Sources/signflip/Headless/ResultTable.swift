import EngineProtocol
import Foundation
import TerminalUI

/// The results of a training as a table.
enum ResultTable {
  /// A line a lane.
  static func text(_ results: [LaneResult]) -> String {
    var table = TextTable([
      .word("lane"), .number("test"), .number("best validation"), .number("epoch"), .number("parameters"),
      .number("seconds"), .word("weights SHA-256"),
    ])
    table.rows = results.map { result in
      [
        result.lane, percent(result.testAccuracy), percent(result.bestValidationAccuracy),
        result.bestEpoch.map(String.init) ?? "–", NumberFormat.grouped(result.parameters),
        String(format: "%.1f", result.seconds),
        result.weightsSHA256.map { String($0.prefix(16)) } ?? "–",
      ]
    }
    return table.text
  }

  /// A share as a percentage; a dash where there is none.
  static func percent(_ share: Double?) -> String { share.map { String(format: "%.2f %%", $0 * 100) } ?? "–" }
}
