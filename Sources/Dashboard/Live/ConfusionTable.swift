import EngineProtocol
import TerminalUI
import TrainingMetrics

/// A confusion matrix as a table, or, where it does not fit, a line per class.
struct ConfusionTable {
  let predictions: LanePredictions
  let showsPercent: Bool

  private var matrix: ConfusionMatrix { predictions.matrix }
  private var classes: [String] { predictions.classes }
  private var labelWidth: Int { min(14, max(9, classes.indices.map { displayWidth(rowLabel($0)) }.max() ?? 1)) }
  // Long names are numbered, and the numbers stand over the columns.
  private var isNumbered: Bool { classes.contains { displayWidth($0) > cellWidth - 1 } }
  private func rowLabel(_ label: Int) -> String { isNumbered ? "\(label) \(classes[label])" : classes[label] }
  private var cellWidth: Int {
    showsPercent ? 4 : 1 + max(2, "\(matrix.counts.joined().max() ?? 0)".count)
  }

  /// The width of the whole matrix.
  var width: Int { labelWidth + 1 + classes.count * cellWidth + 1 + 7 }
  /// The height of the whole matrix.
  var height: Int { classes.count + 2 }

  func draw(in area: Rect, on painter: inout Painter) {
    if area.width >= width - 7, area.height >= height - 1 {
      drawMatrix(in: area, on: &painter)
    } else {
      drawClasses(in: area, on: &painter)
    }
  }

  // A row per class, a column per prediction; recall at the right, precision below.
  private func drawMatrix(in area: Rect, on painter: inout Painter) {
    let (cell, labels) = (cellWidth, labelWidth)
    let showsRecall = area.width >= width
    for label in classes.indices {
      let x = area.x + labels + 1 + (label + 1) * cell
      painter.frame.text(isNumbered ? "\(label)" : classes[label], endingAt: x, y: area.y, style: painter.style(.faint))
    }
    if showsRecall { painter.frame.text("recall", endingAt: area.x + width, y: area.y, style: painter.style(.faint)) }
    for label in classes.indices {
      let y = area.y + 1 + label
      painter.text(truncated(rowLabel(label), width: labels), x: area.x, y: y, .faint, maxWidth: labels)
      let images = matrix.images(label)
      for prediction in classes.indices {
        let count = matrix.counts[label][prediction]
        let share = images == 0 ? 0 : Double(count) / Double(images)
        let text = count == 0 ? "·" : showsPercent ? Self.percent(share) : "\(count)"
        let role: ThemeRole =
          count == 0 ? .faint : label == prediction ? .good : share >= 0.1 ? .bad : share >= 0.03 ? .warning : .text
        let isMarked = count > 0 && (label == prediction || share >= 0.1)
        painter.frame.text(
          text, endingAt: area.x + labels + 1 + (prediction + 1) * cell, y: y,
          style: painter.style(role, isMarked ? .bold : []))
      }
      if showsRecall {
        painter.frame.text(
          matrix.recall(label).map { NumberFormat.percent($0, decimals: 1) } ?? Figure.unknown,
          endingAt: area.x + width, y: y, style: painter.style(.text))
      }
    }
    guard area.height >= height else { return }
    let y = area.y + 1 + classes.count
    painter.text(fitted("precision", width: labels), x: area.x, y: y, .faint, maxWidth: labels)
    for label in classes.indices {
      painter.frame.text(
        matrix.precision(label).map { Self.percent($0) } ?? Figure.unknown,
        endingAt: area.x + labels + 1 + (label + 1) * cell, y: y, style: painter.style(.faint))
    }
  }

  /// Draws the pairs of classes that are confused most.
  func drawPairs(in area: Rect, on painter: inout Painter) {
    let pairs = classes.indices.flatMap { label in
      classes.indices.filter { $0 != label && matrix.counts[label][$0] > 0 }.map {
        (label, $0, matrix.counts[label][$0])
      }
    }
    painter.text("taken for", x: area.x, y: area.y, .faint, maxWidth: area.width)
    let width = max(1, (area.width - 9) / 2)
    func name(_ label: Int) -> String { displayWidth(classes[label]) <= width ? classes[label] : "\(label)" }
    for (row, pair) in pairs.sorted(by: { ($1.2, $0.0) < ($0.2, $1.0) }).prefix(max(0, area.height - 1)).enumerated() {
      painter.line(
        [painter.piece("\(name(pair.0)) \(painter.glyphs.arrowRight) \(name(pair.1))")],
        trailing: [painter.piece("\(pair.2)", .warning)], in: area.row(row + 1))
    }
  }

  private static func percent(_ share: Double) -> String {
    share > 0 && share < 0.005 ? "<1" : "\(Int((share * 100).rounded()))"
  }

  /// Draws a line per class, the worst first: recall, precision, and what it is taken for most often.
  func drawClasses(in area: Rect, on painter: inout Painter) {
    let order = classes.indices.sorted { (matrix.recall($0) ?? 2, $0) < (matrix.recall($1) ?? 2, $1) }
    let rows = order.map { label -> [[StyledText]] in
      let others = classes.indices.filter { $0 != label && matrix.counts[label][$0] > 0 }
      let most = others.max { matrix.counts[label][$0] < matrix.counts[label][$1] }
      func percent(_ share: Double?) -> [StyledText] {
        [painter.piece(share.map { NumberFormat.percent($0, decimals: 1) } ?? Figure.unknown)]
      }
      return [
        [painter.piece(truncated(classes[label], width: 14), .strong)], percent(matrix.recall(label)),
        percent(matrix.precision(label)),
        most.map {
          [painter.piece("\(truncated(classes[$0], width: 14)) \(matrix.counts[label][$0])", .warning)]
        } ?? [painter.piece(Figure.unknown, .faint)],
      ]
    }
    let columns = [
      TableColumn("class", priority: 4, minimumWidth: 4), TableColumn("recall", alignment: .trailing, priority: 3),
      TableColumn("precision", alignment: .trailing, priority: 1), TableColumn("taken for", priority: 2),
    ]
    Table(columns: columns, rows: rows).render(
      into: &painter.frame, area: area, theme: painter.theme, glyphs: painter.glyphs)
  }
}
