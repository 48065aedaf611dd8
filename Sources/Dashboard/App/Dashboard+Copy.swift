import EngineProtocol
import Foundation
package import TerminalUI
import TrainingMetrics

/// A text to copy, and where it is saved if the terminal has no clipboard.
package struct Clipping: Hashable, Sendable {
  /// The text.
  package let text: String
  /// What it is, and how much, for the message: “12 rows of 5 columns, steps 0–600”.
  package let words: String
  /// The file for terminals without a clipboard, in the working directory.
  package let file: String
}

/// Where a copied text went.
package enum CopyResult {
  /// It was sent to the terminal's clipboard. The terminal does not confirm that it was copied.
  case clipboard
  /// The terminal has no clipboard, or takes no text of this length: it was saved in this file.
  case file(String)
  /// It was neither copied nor saved, with the reason.
  case failed(any Error)
}

extension Dashboard {
  /// What `:copy` can copy.
  static let copied = ["figures", "charts", "screen"]

  /// `:copy [figures|charts|screen]`.
  mutating func copy(_ what: String?) {
    guard !model.lanes.isEmpty else { return say("nothing to copy yet") }
    switch what ?? "figures" {
    case "figures": copy(report, "figures and hyperparameters", to: "figures.yaml")
    case "screen": effects.append(.copyScreen)
    case "charts": copyCharts()
    case let other:
      let near = NearestName.question(other, among: Self.copied)
      say("copy: expected \(Self.copied.joined(separator: ", ")), found “\(other)”\(near)", .warning)
    }
  }

  private mutating func copy(_ text: String, _ words: String, to file: String) {
    let name = (model.run?.name ?? "signflip").map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "-" }
    let file = "\(String(name))-step\(lastStep)-\(file)"
    effects.append(.copy(Clipping(text: text, words: words, file: file)))
  }

  /// Copies the screen as plain text.
  package mutating func copyScreen(width: Int, height: Int) -> [Effect] {
    copy(document(.text, width: width, height: height), "the screen, \(width)×\(height)", to: "screen.txt")
    return takeEffects()
  }

  /// Reports where a copied text went.
  package mutating func didCopy(_ clipping: Clipping, _ result: CopyResult) {
    let size = NumberFormat.bytes(clipping.text.utf8.count)
    switch result {
    case .clipboard: say("sent to the terminal's clipboard: \(clipping.words), \(size)", .good)
    case .file(let path):
      say("saved in \(path): \(clipping.words), \(size); the clipboard does not take it", .good)
    case .failed(let error):
      say("not copied: the terminal has no clipboard for this, and the file cannot be written: \(error)", .warning)
    }
  }

  // MARK: Charts

  private mutating func copyCharts() {
    let context = viewContext
    let lanes = context.lanes.enumerated().filter { context.focus.contains($0.offset) }.map(\.element)
    let quantities = lanes.map { live.view.chartedQuantities(of: $0, context.chart) }
    let columns = zip(lanes, quantities).flatMap { lane, quantities in
      quantities.flatMap(\.columns).compactMap { quantity -> ChartColumn? in
        let series = quantity.series(of: lane)
        return series.count > 0 ? ChartColumn(name: "\(lane.name).\(quantity.name)", series: series) : nil
      }
    }
    guard !columns.isEmpty else {
      let hint =
        quantities.allSatisfy(\.isEmpty) ? "the screens lanes, compare and flips have some" : "no point yet"
      return say("no charts to copy on this screen: \(hint)")
    }
    let steps = Int(context.steps.lowerBound.rounded(.up))...Int(context.steps.upperBound.rounded(.down))
    let (text, rows, isSummarized) = ChartColumn.table(columns, in: steps)
    let last = min(steps.upperBound, lastStep)
    let words =
      "\(NumberFormat.grouped(rows)) rows of \(columns.count + 1) columns, steps "
      + "\(NumberFormat.grouped(steps.lowerBound))–\(NumberFormat.grouped(last))"
    copy(text, words + (isSummarized ? ", older ones as means" : ""), to: "charts.tsv")
  }

  // MARK: Saving the screen

  /// `:save FILE`: writes the screen to a new file, in the form that its suffix asks for.
  mutating func save(_ path: String?) {
    guard let path else {
      if let sweep { return beginCommand("save \(sweep.model.snapshot.name)-\(sweep.screen.rawValue).svg") }
      let run = model.run.map { $0.id.isEmpty ? $0.name : $0.id } ?? "signflip"
      return beginCommand("save \(run)-\(isInLauncher ? "launcher" : live.screen.rawValue).svg")
    }
    guard let form = FrameDocument(path: path) else {
      return say("save: expected a file ending in .svg, .ans or .txt, found “\(path)”", .warning)
    }
    effects.append(.save(URL(filePath: LineEntry.expanded(path)).standardizedFileURL.path, form))
  }

  /// Returns the screen as a document of this form.
  package mutating func document(_ form: FrameDocument, width: Int, height: Int) -> String {
    schedule.isDue = true
    return form.text(render(width: width, height: height), theme: appearance.theme)
  }

  /// Reports whether the screen was written.
  package mutating func didSave(_ path: String, _ failure: (any Error)?) {
    if let failure { return say("not saved: \(failure)", .warning) }
    say("screen saved in \(path)", .good)
  }

  // MARK: Figures

  /// The lanes' figures and hyperparameters as YAML.
  var report: String {
    var lines: [String] = []
    if let run = model.run {
      lines.append("experiment: \(run.name)")
      lines.append("dataset: \(run.dataset)")
      lines.append("seed: \(run.seed)")
    }
    for lane in model.lanes {
      lines.append("\(lane.name):")
      lines.append("  step: \(lane.step)")
      if let loss = lane.latest(.trainLoss) { lines.append("  trainLoss: \(loss)") }
      if let report = lane.reports.last {
        lines.append("  validationLoss: \(report.validationLoss)")
        lines.append("  validationAccuracy: \(report.validationAccuracy)")
      }
      if let best = lane.best {
        lines.append("  bestValidationAccuracy: \(best.accuracy)")
        lines.append("  bestEpoch: \(best.epoch)")
      }
      if let accuracy = lane.testAccuracy { lines.append("  testAccuracy: \(accuracy)") }
      for setting in lane.snapshot?.hyperparameters ?? [] {
        lines.append("  \(setting.hyperparameter.rawValue): \(setting.value)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension ChartQuantity {
  /// The quantities of one series each.
  fileprivate var columns: [ChartQuantity] {
    self == .loss ? [.metric(MetricKey(.trainLoss)), .metric(MetricKey(.validationLoss))] : [self]
  }
}

/// A series of a chart as a column of a table.
private struct ChartColumn {
  /// The lane and the quantity, with a dot between them.
  let name: String
  let series: MetricSeries

  /// Returns the columns as tab-separated values, a row for each step at which one of them has a point.
  static func table(
    _ columns: [ChartColumn], in steps: ClosedRange<Int>
  ) -> (text: String, rows: Int, isSummarized: Bool) {
    let ranges = columns.map { column in
      column.series.firstIndex(atOrAfter: steps.lowerBound)..<column.series.firstIndex(atOrAfter: steps.upperBound + 1)
    }
    var cells: [Int: [Int: Float]] = [:]
    for (index, (column, range)) in zip(columns, ranges).enumerated() {
      for point in column.series.points[range] { cells[point.step, default: [:]][index] = point.value }
    }
    var lines = [(["step"] + columns.map(\.name)).joined(separator: "\t")]
    for step in cells.keys.sorted() {
      let values = columns.indices.map { index in cells[step]?[index].map { "\($0)" } ?? "" }
      lines.append(([String(step)] + values).joined(separator: "\t"))
    }
    let isSummarized = zip(columns, ranges).contains { $0.series.bucketCount > $1.lowerBound }
    return (lines.joined(separator: "\n") + "\n", cells.count, isSummarized)
  }
}
