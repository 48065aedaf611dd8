import EngineProtocol
import Foundation
import TerminalUI
import TrainingMetrics

/// The results of a training as a table.
enum ResultTable {
  /// Returns one line per lane, how lanes have ended unless all have finished, and remarks below the table.
  static func text(_ results: [LaneResult]) -> String {
    let isWhole = results.allSatisfy(\.hasFinished)
    let ends: [TextTable.Column] = isWhole ? [] : [.word("end")]
    var table = TextTable(
      [
        .word("lane"), .number("test"), .number("best validation"), .number("epoch"), .number("parameters"),
        .number("seconds"), .word("weights SHA-256"),
      ] + ends)
    table.rows = results.map { result in
      let end = result.hasFinished ? "finished" : result.failure == nil ? "stopped" : "failed at step \(result.steps)"
      return [
        result.lane, percent(result.testAccuracy), percent(result.bestValidationAccuracy),
        result.bestEpoch.map(String.init) ?? "–", NumberFormat.grouped(result.parameters),
        String(format: "%.1f", result.seconds),
        result.weightsSHA256.map { String($0.prefix(16)) } ?? "–",
      ] + (isWhole ? [] : [end])
    }
    return ([table.text] + results.flatMap(\.remarks)).joined(separator: "\n")
  }

  /// Formats a fraction as a percentage; a dash if it is nil.
  static func percent(_ share: Double?) -> String { share.map { NumberFormat.percent($0) } ?? "–" }
}

extension [LaneResult] {
  /// Returns the results in the order of the lanes' names, because lanes end in any order.
  func ordered(as lanes: [String]) -> [LaneResult] {
    sorted { (lanes.firstIndex(of: $0.lane) ?? 0) < (lanes.firstIndex(of: $1.lane) ?? 0) }
  }
}
