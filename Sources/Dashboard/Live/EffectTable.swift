import EngineProtocol
import TerminalUI
import TrainingMetrics

/// What changed around a line of the journal: loss, accuracy and flip rate before and after, with the difference and
/// its standard error.
struct EffectTable {
  /// The line.
  let entry: LogEntry
  /// The lane; nil if the line is about the whole run.
  let lane: LaneModel?
  /// The lane's index.
  let index: Int
  /// What changed; nil if there is nothing to compare.
  let effect: StepEffect?
  /// The keys of the actions that the line offers, with what they do.
  let actions: [(key: String, words: String)]

  /// The training losses before and after in one line: `0.4123 → 0.3901  −0.0222 ±0.0031`.
  static func summary(of effect: StepEffect, _ painter: Painter) -> [StyledText] {
    guard let loss = effect.comparison(of: .trainLoss) else { return [] }
    return [
      painter.piece("loss \(Figure.value(loss.before)) → \(Figure.value(loss.after))", .faint),
      painter.piece("  \(Self.difference(loss, painter.glyphs))", role(of: loss)),
    ]
  }

  /// A difference with its standard error, in the unit and the decimals of the metric.
  static func difference(_ comparison: StepEffect.Comparison, _ glyphs: GlyphSet) -> String {
    let scale = comparison.metric == .trainLoss || comparison.metric == .validationLoss ? 1.0 : 100
    let (value, error) = (comparison.difference * scale, comparison.standardError.map { $0 * scale })
    // As many decimals as the error has with two digits, or the value with three.
    let least = error.flatMap { $0 > 0 ? $0 / 10 : nil } ?? abs(value) / 100
    let decimals = least > 0 && least.isFinite ? min(6, max(2, Int((-log10Floor(least)).rounded(.up)))) : 2
    let about = comparison.isApproximate ? "≈" : ""
    let sign = glyphs.fallback == .all ? "+/-" : "±"
    let spread = error.map { " \(sign)\(NumberFormat.fixed($0, decimals: decimals))" } ?? ""
    return about + Figure.signed(value, decimals: decimals) + spread
  }

  // The whole part of the decimal logarithm, without Foundation.
  private static func log10Floor(_ value: Double) -> Double {
    var (value, exponent) = (value, 0.0)
    while value < 1, exponent > -30 { (value, exponent) = (value * 10, exponent - 1) }
    while value >= 10 { (value, exponent) = (value / 10, exponent + 1) }
    return exponent
  }

  // Only differences of more than two standard errors have a colour.
  static func role(of comparison: StepEffect.Comparison) -> ThemeRole {
    guard let error = comparison.standardError, abs(comparison.difference) > 2 * error else { return .text }
    return switch comparison.metric {
    case .validationAccuracy: comparison.difference > 0 ? .good : .bad
    case .trainLoss, .validationLoss: comparison.difference < 0 ? .good : .bad
    default: .accent
    }
  }

  /// The explanation of the figures.
  private var words: String {
    guard let effect else {
      guard entry.lane != nil, entry.step != nil else { return "" }
      return "Nothing to compare yet: there are no steps on both sides between the neighbouring edits."
    }
    let windows = effect.windows
    func steps(_ range: ClosedRange<Int>) -> String {
      "\(NumberFormat.grouped(range.lowerBound))–\(NumberFormat.grouped(range.upperBound))"
    }
    let others = together
    return
      "\(others)Means over steps \(steps(windows.before)) and \(steps(windows.after)), cut at the edits beside it; "
      + "validations are the last one before and the first one after. The standard error is that of block means, because "
      + "neighbouring steps are correlated. The difference includes what training changes without an edit."
  }

  // Other edits at the same step have the same effect.
  private var together: String {
    guard let lane, let step = entry.step, case .entry(let own) = entry.subject, own.change.isEdit else { return "" }
    let others = lane.edits.filter { $0.step == step && $0 != own }
    return others.isEmpty ? "" : "Together with \(others.map(\.change.words).joined(separator: ", ")). "
  }

  // Where the line is, and its text in full.
  private func title(width: Int) -> (place: String, lines: [String]) {
    let step = entry.step.map { " @\(NumberFormat.grouped($0))" } ?? ""
    let place = (lane?.name ?? "") + step
    guard !place.isEmpty else { return ("", TextWrap.lines(entry.text, width: max(1, width))) }
    // Wrapped text keeps no double spaces.
    let whole = place + "  " + entry.text
    if displayWidth(whole) <= width { return (place + "  ", [whole]) }
    return (place + " ", TextWrap.lines(whole, width: max(1, width)))
  }

  /// The number of rows that it needs in `width` columns.
  func height(width: Int) -> Int {
    let rows = title(width: width).lines.count + (effect.map { $0.comparisons.count + 1 } ?? 0)
    return rows + TextWrap.lines(words, width: width).count + (actions.isEmpty ? 0 : 1)
  }

  /// Draws the title, the figures, the explanation and the keys; what does not fit is left out from the end, the keys
  /// last.
  func draw(in area: Rect, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    let keys = actions.isEmpty || area.height < 3 ? 0 : 1
    let (place, titleLines) = title(width: area.width)
    // A long text takes the room of the explanation, not that of the figures.
    let figures = effect.map { $0.comparisons.count } ?? 0
    let titleRows = min(titleLines.count, max(1, area.height - keys - figures))
    for (row, line) in titleLines.prefix(titleRows).enumerated() {
      let isCut = row == titleRows - 1 && titleRows < titleLines.count
      let text = isCut ? truncated(line + " …", width: area.width) : line
      let role = entry.weight.role == .faint ? ThemeRole.text : entry.weight.role
      if row == 0, text.hasPrefix(place), let lane {
        painter.frame.text(
          [
            StyledText(lane.name, painter.style(lane: index, .bold)),
            painter.piece(String(place.dropFirst(lane.name.count)), .faint),
            painter.piece(String(text.dropFirst(place.count)), role),
          ], x: area.x, y: area.y, maxWidth: area.width)
      } else {
        painter.text(text, x: area.x, y: area.y + row, role, maxWidth: area.width)
      }
    }
    var rest = area.inset(top: titleRows, bottom: keys)
    if let effect, !effect.comparisons.isEmpty, rest.height >= 1 {
      let table = table(of: effect, painter)
      let rows = min(rest.height, effect.comparisons.count + (rest.height > effect.comparisons.count ? 1 : 0))
      var shown = table
      shown.showsHeader = rows > effect.comparisons.count
      shown.render(into: &painter.frame, area: rest.rows(0, rows), theme: painter.theme, glyphs: painter.glyphs)
      rest = rest.inset(top: rows)
    }
    for (row, line) in TextWrap.sentences(words, width: rest.width, height: rest.height).enumerated() {
      painter.text(line, x: rest.x, y: rest.y + row, .faint, maxWidth: rest.width)
    }
    guard keys > 0 else { return }
    var pieces: [StyledText] = []
    for action in actions {
      let piece = [painter.piece(action.key, .accent, .bold), painter.piece(" \(action.words)  ", .text)]
      if displayWidth(pieces) + displayWidth(piece) - 2 <= area.width { pieces += piece }
    }
    painter.frame.text(pieces, x: area.x, y: area.maxY - 1, maxWidth: area.width)
  }

  private func table(of effect: StepEffect, _ painter: Painter) -> Table {
    let count = effect.windows.length
    return Table(
      columns: [
        TableColumn(
          "\(NumberFormat.grouped(count)) \(count == 1 ? "step" : "steps")", priority: 4, minimumWidth: 6),
        TableColumn("before", alignment: .trailing, priority: 2),
        TableColumn("after", alignment: .trailing, priority: 3),
        TableColumn("difference", alignment: .trailing, priority: 5),
      ],
      rows: effect.comparisons.map { comparison in
        let format: (Double?) -> String =
          switch comparison.metric {
          case .validationAccuracy: Figure.percent
          case .flipRate: Figure.rate
          default: Figure.value
          }
        return [
          [painter.piece(Self.title(of: comparison.metric), .faint)], [painter.piece(format(comparison.before))],
          [painter.piece(format(comparison.after))],
          [painter.piece(Self.difference(comparison, painter.glyphs), Self.role(of: comparison), .bold)],
        ]
      })
  }

  private static func title(of metric: Metric) -> String {
    switch metric {
    case .trainLoss: "training loss"
    case .validationLoss: "validation loss"
    case .validationAccuracy: "accuracy, %"
    case .flipRate: "flip rate, %"
    default: metric.rawValue
    }
  }
}
