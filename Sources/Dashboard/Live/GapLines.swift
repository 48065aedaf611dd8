import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The differences between the lanes: accuracy and loss at the last epoch that both have completed, time per step,
/// bytes.
struct GapLines {
  let lanes: [LaneModel]
  let focus: Focus

  /// The lane that the others are compared with: the first one without binary weights, otherwise the first one. Failed
  /// lanes are not used.
  var reference: Int? {
    lanes.firstIndex { !$0.description.isBinary && !$0.hasFailed } ?? lanes.firstIndex { !$0.hasFailed }
  }

  func draw(in area: Rect, on painter: inout Painter) {
    guard let reference, area.height > 0 else { return }
    var others = lanes.indices.filter { $0 != reference && !lanes[$0].hasFailed }
    // If not all fit, the lane in focus comes first.
    if others.count > area.height, case .lane(let index) = focus, let place = others.firstIndex(of: index) {
      others.insert(others.remove(at: place), at: 0)
    }
    for (row, index) in others.prefix(area.height).enumerated() {
      drawGap(of: index, to: lanes[reference], names: others.map { lanes[$0].name }, in: area.row(row), on: &painter)
    }
  }

  private func drawGap(
    of index: Int, to base: LaneModel, names: [String], in row: Rect, on painter: inout Painter
  ) {
    let lane = lanes[index]
    let isWide = row.width >= 100
    var groups = figures(of: lane, against: base, isWide: isWide, painter)
    // Figures are more important than the end of a long name.
    let gap = isWide ? 4 : 2
    let used = groups.reduce(1) { $0 + displayWidth($1) + gap } + displayWidth(" against ") + 2
    let least = row.width >= 76 ? 16 : 12
    let ownWidth = names.map { displayWidth($0) }.max() ?? 0
    let otherWidth = displayWidth(base.name)
    let limit = ownWidth + otherWidth <= row.width - used ? max(ownWidth, otherWidth) : least
    if row.width >= 60 {
      groups.insert(
        [
          StyledText(Figure.name(lane.name, min(limit, ownWidth)), painter.style(lane: index, .bold)),
          painter.piece(" against ", .faint), painter.piece(truncated(base.name, width: limit), .text),
        ], at: 0)
    } else {
      groups.insert([painter.piece("gap", .faint)], at: 0)
    }
    var pieces: [StyledText] = [painter.piece(" ")]
    for group in groups where displayWidth(pieces) + displayWidth(group) + 3 <= row.width || pieces.count == 1 {
      if pieces.count > 1 { pieces.append(painter.piece(String(repeating: " ", count: gap))) }
      pieces += group
    }
    painter.frame.text(pieces, x: row.x, y: row.y, maxWidth: row.width)
  }

  private func figures(
    of lane: LaneModel, against base: LaneModel, isWide: Bool, _ painter: Painter
  ) -> [[StyledText]] {
    var groups: [[StyledText]] = []
    if let (own, other) = Self.lastCommonEpoch(lane, base) {
      let accuracy = own.validationAccuracy - other.validationAccuracy
      groups.append([
        painter.piece(isWide ? "accuracy " : "acc ", .faint),
        painter.piece(Figure.right(Figure.signed(accuracy * 100, decimals: 2), 6) + " %", role(accuracy)),
      ])
      let loss = own.validationLoss - other.validationLoss
      groups.append([
        painter.piece("loss ", .faint),
        painter.piece(Figure.right(Figure.signed(loss, decimals: 3), 6), role(-loss)),
      ])
      if isWide { groups.append([painter.piece("at epoch \(own.epoch)", .faint)]) }
    } else {
      groups.append([painter.piece(isWide ? "accuracy " : "acc ", .faint), painter.piece("     –")])
    }
    if let own = lane.millisecondsPerStep, let other = base.millisecondsPerStep {
      groups.append([
        painter.piece(isWide ? "time a step " : "time ", .faint),
        painter.piece(Figure.ratio(other, over: own)),
      ])
    }
    return groups + [size(lane.description, isWide, painter)]
  }

  private func size(_ lane: RunDescription.Lane, _ isWide: Bool, _ painter: Painter) -> [StyledText] {
    let ratio = Figure.ratio(Double(lane.floatBytes), over: Double(lane.packedBytes))
    guard lane.isBinary else {
      return [painter.piece("weights ", .faint), painter.piece(NumberFormat.bytes(lane.floatBytes))]
    }
    let sizes = "\(NumberFormat.bytes(lane.floatBytes)) as float → \(NumberFormat.bytes(lane.packedBytes)) as bits "
    return (isWide ? [painter.piece("weights ", .faint), painter.piece(sizes)] : [painter.piece("size ", .faint)])
      + [painter.piece(ratio, .good)]
  }

  // A difference within 0.001 counts as none; a better binary lane is highlighted as good, a much worse one as a
  // warning.
  private func role(_ gain: Double) -> ThemeRole { gain > 0.001 ? .good : gain < -0.01 ? .warning : .text }

  /// The reports of the last epoch that both lanes have completed, without epoch 0.
  static func lastCommonEpoch(_ lane: LaneModel, _ other: LaneModel) -> (EpochReport, EpochReport)? {
    for own in lane.reports.reversed() where own.epoch > 0 {
      if let match = other.reports.last(where: { $0.epoch == own.epoch }) { return (own, match) }
    }
    return nil
  }
}
