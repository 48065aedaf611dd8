import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The lanes' figures, one row per lane.
struct LaneTable {
  let lanes: [LaneModel]
  let focus: Focus
  /// Whether the lanes have ended, so that results are shown.
  var showsResults = false

  func draw(in area: Rect, on painter: inout Painter) {
    let columns = showsResults ? resultColumns : courseColumns
    let rows = lanes.enumerated().map { index, lane in
      showsResults ? results(lane, index, painter) : course(lane, index, painter)
    }
    for row in rows.indices where row + 1 < area.height {
      painter.hits.add(area.row(row + 1), .action(Invocation(.lane, lanes[row].name)))
    }
    Table(columns: columns, rows: rows).render(
      into: &painter.frame, area: area, theme: painter.theme, glyphs: painter.glyphs)
  }

  private var courseColumns: [TableColumn] {
    [
      TableColumn("lane", priority: 10, minimumWidth: 8), TableColumn("", priority: 9),
      TableColumn("epoch", alignment: .trailing, priority: 7),
      TableColumn("train loss", alignment: .trailing, priority: 6),
      TableColumn("val loss", alignment: .trailing, priority: 5),
      TableColumn("accuracy", alignment: .trailing, priority: 9),
      TableColumn("best", alignment: .trailing, priority: 8),
      TableColumn("flips", alignment: .trailing, priority: 4),
      TableColumn("img/s", alignment: .trailing, priority: 3),
      TableColumn("ms/step", alignment: .trailing, priority: 2),
      TableColumn("weights", alignment: .trailing, priority: 1),
      TableColumn("as bits", alignment: .trailing, priority: 1),
    ]
  }

  private func course(_ lane: LaneModel, _ index: Int, _ painter: Painter) -> [[StyledText]] {
    let sign = lane.sign(painter.glyphs)
    let epoch = lane.snapshot.map { NumberFormat.fixed($0.epoch, decimals: 2) } ?? Figure.unknown
    func cell(_ text: String, _ role: ThemeRole = .text) -> [StyledText] { [painter.piece(text, role)] }
    func figure(_ metric: Metric) -> Double? { lane.figure(metric) }
    return [
      name(lane, index, painter), cell("\(sign.glyph) \(Figure.left(sign.word, 10))", sign.role),
      cell(Figure.right(epoch, 6)), cell(Figure.right(Figure.value(figure(.trainLoss)), 8)),
      cell(Figure.right(Figure.value(figure(.validationLoss)), 8)),
      cell(Figure.right(Figure.percent(figure(.validationAccuracy)), 8), .strong),
      cell(Figure.right(lane.best.map { "\(Figure.percent($0.accuracy)) @\($0.epoch)" } ?? Figure.unknown, 11)),
      cell(Figure.right(lane.description.isBinary ? Figure.rate(figure(.flipRate)) : Figure.unknown, 9)),
      cell(Figure.right(Figure.pace(figure(.imagesPerSecond)), 7)),
      cell(Figure.right(lane.millisecondsPerStep.map { NumberFormat.significant($0, digits: 3) } ?? "–", 6)),
      cell(NumberFormat.bytes(lane.description.floatBytes)), bits(lane, painter),
    ]
  }

  private var resultColumns: [TableColumn] {
    [
      TableColumn("lane", priority: 10, minimumWidth: 8), TableColumn("", priority: 3),
      TableColumn("test", alignment: .trailing, priority: 9),
      TableColumn("best validation", alignment: .trailing, priority: 8),
      TableColumn("as bits", alignment: .trailing, priority: 7),
      TableColumn("weights", alignment: .trailing, priority: 6),
      TableColumn("parameters", alignment: .trailing, priority: 4),
      TableColumn("time", alignment: .trailing, priority: 5),
      TableColumn("steps", alignment: .trailing, priority: 2), TableColumn("SHA-256", priority: 1),
    ]
  }

  private func results(_ lane: LaneModel, _ index: Int, _ painter: Painter) -> [[StyledText]] {
    let sign = lane.sign(painter.glyphs)
    func cell(_ text: String, _ role: ThemeRole = .text) -> [StyledText] { [painter.piece(text, role)] }
    let result = lane.result
    return [
      name(lane, index, painter), cell("\(sign.glyph) \(sign.word)", sign.role),
      [painter.piece(Figure.percent(lane.testAccuracy), .good, .bold)],
      cell(lane.best.map { "\(Figure.percent($0.accuracy)) @\($0.epoch)" } ?? Figure.unknown),
      bits(lane, painter), cell(NumberFormat.bytes(lane.description.floatBytes)),
      cell(NumberFormat.grouped(lane.description.parameterCount)),
      cell(result.map { NumberFormat.duration(seconds: $0.seconds) } ?? Figure.unknown),
      cell(NumberFormat.grouped(result?.steps ?? lane.step)),
      cell(result?.weightsSHA256.map { String($0.prefix(12)) } ?? Figure.unknown, .faint),
    ]
  }

  private func name(_ lane: LaneModel, _ index: Int, _ painter: Painter) -> [StyledText] {
    let isFocused = focus == .lane(index)
    return [StyledText(lane.name, painter.style(lane: index, isFocused ? [.bold, .underline] : .bold))]
  }

  private func bits(_ lane: LaneModel, _ painter: Painter) -> [StyledText] {
    let description = lane.description
    guard description.isBinary else { return [painter.piece(Figure.unknown, .faint)] }
    return [
      painter.piece(NumberFormat.bytes(description.packedBytes) + " "),
      painter.piece(
        Figure.ratio(Double(description.floatBytes), over: Double(description.packedBytes)), .good),
    ]
  }
}
