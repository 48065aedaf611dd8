import EngineProtocol
import Foundation
import SwiftProtobuf

extension TBEvent {
  /// A change in Markdown, for the text plug-in: `**learning rate 0.01 → 0.003** at step 1200, by a steering script`.
  static func journal(_ entry: JournalEntry, time: Double) -> TBEvent {
    let origin = entry.origin.isEmpty ? "" : ", by \(entry.origin)"
    var value = TBSummary.Value()
    value.tag = "journal"
    value.metadata.pluginData.pluginName = "text"
    value.metadata.dataClass = .tensor
    value.tensor.dtype = .dtString
    value.tensor.tensorShape.dim = [.with { $0.size = 1 }]
    value.tensor.stringVal = [Data("**\(entry.change.words)** at step \(entry.step)\(origin)".utf8)]
    return TBEvent(value, step: entry.step, time: time)
  }

  /// An event of one value.
  init(_ value: TBSummary.Value, step: Int, time: Double) {
    self.init()
    wallTime = time
    self.step = Int64(step)
    summary.value = [value]
  }
}
