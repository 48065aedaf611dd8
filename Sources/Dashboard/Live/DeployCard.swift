import EngineProtocol
import TerminalUI
import TrainingMetrics

/// What is known of a lane's packed network, drawn into any area: the most important lines first, then its layers.
struct DeployCard {
  let lane: LaneModel
  let index: Int
  let packing: LanePacking?
  let timing: LaneTiming?
  let export: LaneExport?
  let failure: DeploymentFailure?
  /// The chosen format of exports.
  let format: String
  let context: ViewContext

  func draw(in area: Rect, isMaximised: Bool, _ position: inout ListPosition, on painter: inout Painter) {
    guard area.width >= 60, area.height >= 14, let packing else {
      return drawLines(in: area, &position, on: &painter)
    }
    let layers = packing.layers.count + 4
    guard !isMaximised else { return drawLayers(packing, in: area, &position, on: &painter) }
    if area.width >= 150, area.height >= 20 {
      let sides = area.columns([.weighted(3), .weighted(2)], spacing: 1)
      drawLayers(packing, in: sides[0].rows(0, max(layers, 20)), &position, on: &painter)
      drawFacts(in: sides[1].rows(0, max(layers, 20)), on: &painter)
    } else {
      let facts = lines(painter, width: area.width - 4).count + 2
      let room = max(facts, area.height - layers)
      let top = min(facts, room)
      drawFacts(in: area.rows(0, top), on: &painter)
      let rest = area.inset(top: top)
      if rest.height >= 4 { drawLayers(packing, in: rest.rows(0, max(4, layers)), &position, on: &painter) }
    }
  }

  /// The weights for display: “newest, step 1,200”, “best weights, epoch 7”.
  /// - Parameter noun: what follows the first word.
  static func words(_ weights: DeployedWeights, _ noun: String = "") -> String {
    let noun = noun.isEmpty ? "" : " " + noun
    return switch weights.choice {
    case .newest: "newest\(noun), step \(NumberFormat.grouped(weights.step))"
    case .best: "best\(noun), epoch \(NumberFormat.compact(weights.epoch))"
    }
  }

  // MARK: Lines

  // Without boxes: the lines, then the layers in a row each.
  private func drawLines(in area: Rect, _ position: inout ListPosition, on painter: inout Painter) {
    let lines = lines(painter, width: area.width)
    for (row, line) in lines.prefix(area.height).enumerated() {
      painter.frame.text(line, x: area.x, y: area.y + row, maxWidth: area.width)
    }
    let rest = area.inset(top: lines.count + (area.height > lines.count + 6 ? 1 : 0))
    guard let packing, rest.height >= 3, rest.width >= 24 else { return }
    table(packing, painter, position: &position, height: rest.height - 1).render(
      into: &painter.frame, area: rest, theme: painter.theme, glyphs: painter.glyphs)
  }

  // The facts, most important first; shorter on narrow screens.
  private func lines(_ painter: Painter, width: Int) -> [[StyledText]] {
    var lines: [[StyledText]] = []
    func label(_ text: String) -> StyledText {
      painter.piece(width >= 44 ? Figure.left(text, 13) : text + " ", .faint)
    }
    if let work = WorkLine(context).pieces(painter, width: width, of: lane.name) { lines.append(work) }
    if let failure {
      lines.append([painter.piece("\(failure.work.rawValue) failed: \(failure.reason)", .warning)])
    }
    guard let packing else { return lines + unpacked(painter, width: width) }
    let isWide = width >= 44
    let name = StyledText(lane.name, painter.style(lane: index, .bold))
    if width < 30 {
      return lines + [
        [name, painter.piece(" " + size(packing), .good)], [painter.piece(accuracies(packing.comparison), .strong)],
      ]
    }
    var title = [name, painter.piece(": \(Self.words(packing.weights, "weights"))")]
    if lane.step > packing.weights.step, packing.weights.choice == .newest, isWide {
      title.append(painter.piece("  now step \(NumberFormat.grouped(lane.step))", .faint))
    }
    lines.append(title)
    lines.append(
      (isWide ? [label("bytes")] : []) + [
        painter.piece("\(NumberFormat.bytes(packing.floatBytes)) float", .text),
        painter.piece(", \(NumberFormat.bytes(packing.bytes)) packed ", .strong), painter.piece(size(packing), .good),
      ])
    lines += comparisonLines(packing.comparison, label("accuracy"), painter, width: width)
    if let timing {
      lines += speedLines(timing, label, painter, isWide: isWide)
    } else if context.canSteer, isWide {
      lines.append([label("speed"), painter.piece("\(key(.measure)) measures it; training is held meanwhile", .faint)])
    }
    if let export {
      let others = export.files.count == 1 ? "" : " and \(export.files.count - 1) more"
      lines.append([
        label("written"), painter.piece(NumberFormat.bytes(export.bytes), .good),
        painter.piece("  \(share(export.comparison)) test predictions equal", .faint),
      ])
      lines.append([label(""), painter.piece(export.files[0] + others)])
    }
    if isWide, let chosen = packing.formats.first(where: { $0.name == format }), context.canSteer {
      let room = max(1, width - 13 - displayWidth(format) - 2)
      for (row, words) in TextWrap.lines(chosen.summary, width: room).enumerated() {
        let name = row == 0 ? format : String(repeating: " ", count: displayWidth(format))
        lines.append([
          label(row == 0 ? "export" : ""), painter.piece(name, .accent), painter.piece("  \(words)", .faint),
        ])
      }
    }
    if isWide, !context.canSteer {
      let run = context.model.run?.id ?? ""
      lines.append([
        label("export"), painter.piece("signflip export \(run.isEmpty ? "RUN" : run) \(lane.name) -o FILE", .accent),
      ])
    }
    for note in packing.notes ?? [] where isWide { lines.append([label("note"), painter.piece(note, .faint)]) }
    return lines
  }

  // Before the lane was packed: what is known without its weights, and how to get the rest.
  private func unpacked(_ painter: Painter, width: Int) -> [[StyledText]] {
    let description = lane.description
    let name = StyledText(lane.name, painter.style(lane: index, .bold))
    let bits =
      "\(NumberFormat.bytes(description.floatBytes)) float, about \(NumberFormat.bytes(description.packedBytes)) packed"
    var lines = [[name, painter.piece(" is not packed yet", .faint)], [painter.piece(bits)]]
    if !context.canAsk {
      let run = context.model.run?.id ?? ""
      lines.append([painter.piece("There is no engine here. These commands pack the lane and time it:", .faint)])
      lines.append([painter.piece("signflip export \(run.isEmpty ? "RUN" : run) \(lane.name) -o FILE", .accent)])
      lines.append([painter.piece("signflip bench model FILE", .accent)])
    } else if context.model.snapshot.deployment == nil, failure != nil {
      lines.append([painter.piece("\(key(.packNewest)) packs the newest weights, \(key(.packBest)) the best", .faint)])
    }
    return width < 30 ? Array(lines.prefix(2)) : lines
  }

  private func comparisonLines(
    _ comparison: PackingComparison, _ label: StyledText, _ painter: Painter, width: Int
  ) -> [[StyledText]] {
    let areEqual = comparison.equalCount == comparison.count
    guard width >= 54 else { return [[painter.piece(accuracies(comparison), .strong)]] }
    // The whole words if they fit beside long numbers.
    let isWide = width >= 84
    var lines = [
      [
        label, painter.piece("\(Figure.percent(comparison.trainedAccuracy)) \(isWide ? "as trained" : "trained"), "),
        painter.piece("\(Figure.percent(comparison.packedAccuracy)) packed", .strong),
        painter.piece("  \(share(comparison)) \(isWide ? "predictions equal" : "equal")", areEqual ? .good : .warning),
      ]
    ]
    if comparison.unexplainedCount > 0 {
      let count = NumberFormat.grouped(comparison.unexplainedCount)
      lines.append([painter.piece("the logits of \(count) images differ for no known reason", .bad)])
    } else if comparison.tieCount > 0 {
      let count = NumberFormat.grouped(comparison.tieCount)
      lines.append([
        painter.piece(
          "in \(count) image\(comparison.tieCount == 1 ? "" : "s") the order of additions decides a sign", .faint)
      ])
    }
    return lines
  }

  private func speedLines(
    _ timing: LaneTiming, _ label: (String) -> StyledText, _ painter: Painter, isWide: Bool
  ) -> [[StyledText]] {
    let (packed, float) = (timing.packed, timing.float)
    let latency = NumberFormat.instant(seconds: packed.latency)
    let slow = isWide ? " (99 %: \(NumberFormat.instant(seconds: packed.slowLatency)))" : ""
    return [
      [
        label("1 image"), painter.piece("\(latency)\(slow)", .strong),
        painter.piece(", float \(NumberFormat.instant(seconds: float.latency))"),
        painter.piece("  " + times(float.latency / packed.latency), .good),
      ],
      (isWide ? [label("\(timing.batch) at once")] : []) + [
        painter.piece("\(Figure.pace(packed.imagesPerSecond)) img/s", .strong),
        painter.piece(", float \(Figure.pace(float.imagesPerSecond))"),
        painter.piece("  " + times(packed.imagesPerSecond / float.imagesPerSecond), .good),
      ],
    ]
  }

  private func times(_ ratio: Double) -> String {
    "×\(ratio < 10 ? NumberFormat.fixed(ratio, decimals: 1) : Figure.whole(ratio.rounded()))"
  }

  private func size(_ packing: LanePacking) -> String {
    Figure.ratio(Double(packing.floatBytes), over: Double(packing.bytes))
  }

  private func accuracies(_ comparison: PackingComparison) -> String {
    let (trained, packed) = (Figure.percent(comparison.trainedAccuracy), Figure.percent(comparison.packedAccuracy))
    return "\(trained) \(comparison.equalCount == comparison.count ? "=" : "≠") \(packed)"
  }

  private func share(_ comparison: PackingComparison) -> String {
    "\(NumberFormat.grouped(comparison.equalCount)) of \(NumberFormat.grouped(comparison.count))"
  }

  private func key(_ action: Action) -> String {
    context.keyMap.keys(for: action).first?.label ?? ":\(action.rawValue)"
  }

  // MARK: Boxes

  private func drawFacts(in area: Rect, on painter: inout Painter) {
    painter.frame.border(
      area, title: [painter.piece("deploy", .strong)], trailing: [painter.piece(machine, .faint)],
      style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let lines = lines(painter, width: inner.width)
    for (row, line) in lines.prefix(inner.height).enumerated() {
      painter.frame.text(line, x: inner.x, y: inner.y + row, maxWidth: inner.width)
    }
    drawSpeeds(in: inner.inset(top: lines.count + 1), on: &painter)
  }

  private var machine: String {
    guard let timing else { return packing.map { "\($0.kernels) kernels" } ?? "" }
    let threads = timing.threads == 1 ? "1 thread" : "\(timing.threads) threads"
    return [timing.processor, "\(timing.kernels) kernels", threads].compactMap(\.self).joined(separator: ", ")
  }

  // Bars of what is shorter for the packed network, and of what is more.
  private func drawSpeeds(in area: Rect, on painter: inout Painter) {
    guard let timing, area.height >= 7, area.width >= 30 else { return }
    let (packed, float) = (timing.packed, timing.float)
    let color = painter.calmColor(lane: index)
    func draw(_ title: String, _ values: [(String, Double, String)], _ row: Int) {
      painter.text(title, x: area.x, y: area.y + row, .faint, maxWidth: area.width)
      BarChart(values.map { BarChart.Bar($0.0, $0.1, text: $0.2) }, color: color).render(
        into: &painter.frame, area: area.rows(row + 1, 2), theme: painter.theme, glyphs: painter.glyphs)
    }
    let latencies = [packed.latency, float.latency].map { NumberFormat.instant(seconds: $0) }
    draw("time for 1 image", [("packed", packed.latency, latencies[0]), ("float", float.latency, latencies[1])], 0)
    let paces = [packed.imagesPerSecond, float.imagesPerSecond].map { Figure.pace($0) }
    draw(
      "images per second, \(timing.batch) at once",
      [("packed", packed.imagesPerSecond, paces[0]), ("float", float.imagesPerSecond, paces[1])], 4)
    guard area.height >= 9 else { return }
    let note = "float: oneDNN's products of the same shapes alone, less than any float network takes"
    for (row, line) in TextWrap.lines(note, width: area.width).prefix(area.height - 8).enumerated() {
      painter.text(line, x: area.x, y: area.y + 8 + row, .faint, maxWidth: area.width)
    }
  }

  private func drawLayers(
    _ packing: LanePacking, in area: Rect, _ position: inout ListPosition, on painter: inout Painter
  ) {
    let title = [StyledText(lane.name, painter.style(lane: index, .bold)), painter.piece(" layers", .strong)]
    painter.frame.border(
      area, title: title, trailing: [painter.piece(Self.words(packing.weights), .faint)],
      style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    guard inner.height >= 2 else { return }
    let table = table(packing, painter, position: &position, height: inner.height - 1)
    // Bars take what the table leaves, and something from its least important columns.
    let wanted = table.widths(in: 1000).compactMap(\.self).reduce(-2) { $0 + $1 + 2 }
    let bars = min(48, max(inner.width - wanted - 2, inner.width >= 112 ? 16 : 0))
    table.render(
      into: &painter.frame, area: inner.inset(right: bars >= 12 ? bars + 2 : 0), theme: painter.theme,
      glyphs: painter.glyphs)
    guard bars >= 12 else { return }
    let place = Rect(x: inner.maxX - bars, y: inner.y, width: bars, height: inner.height)
    painter.text("packed of float", x: place.x, y: place.y, .faint, maxWidth: bars)
    let greatest = Double(packing.layers.map { max($0.floatBytes, $0.bytes) }.max() ?? 1)
    for (row, layer) in packing.layers.dropFirst(table.offset).prefix(inner.height - 1).enumerated() {
      let whole = Double(max(layer.floatBytes, layer.bytes))
      let width = max(1, Int((whole / greatest * Double(bars)).rounded()))
      ProgressBar(Double(layer.bytes) / max(1, whole), color: painter.theme.laneColor(index)).render(
        into: &painter.frame, area: Rect(x: place.x, y: place.y + 1 + row, width: width, height: 1),
        theme: painter.theme, glyphs: painter.glyphs)
    }
  }

  // The layers, and their sum.
  private func table(
    _ packing: LanePacking, _ painter: Painter, position: inout ListPosition, height: Int
  ) -> Table {
    func cell(_ text: String, _ role: ThemeRole = .text) -> [StyledText] { [painter.piece(text, role)] }
    var rows = packing.layers.map { layer in
      [
        cell(layer.name), cell(layer.output, .faint), cell(layer.input, .faint),
        cell(layer.weights, layer.weights == "float" ? .warning : .good), cell(layer.gives, .faint),
        cell(NumberFormat.bytes(layer.floatBytes)), cell(NumberFormat.bytes(layer.bytes), .strong),
        cell(Figure.ratio(Double(layer.floatBytes), over: Double(layer.bytes)), .good),
        cell(layer.kernel, .faint), cell(layer.floats.joined(separator: ", "), .faint),
      ]
    }
    rows.append([
      cell("all", .strong), [], [], [], [], cell(NumberFormat.bytes(packing.floatBytes), .strong),
      cell(NumberFormat.bytes(packing.bytes), .strong),
      [painter.piece(size(packing), .good, .bold)],
    ])
    let columns = [
      TableColumn("layer", priority: 10, minimumWidth: 6), TableColumn("output", priority: 2),
      TableColumn("in", priority: 3), TableColumn("weights", priority: 8), TableColumn("out", priority: 1),
      TableColumn("float", alignment: .trailing, priority: 7),
      TableColumn("packed", alignment: .trailing, priority: 9), TableColumn("", alignment: .trailing, priority: 6),
      TableColumn("kernel", priority: 5), TableColumn("stays float", priority: 4),
    ]
    let first = position.firstRow(count: rows.count, height: max(1, height))
    return Table(columns: columns, rows: rows, offset: first)
  }
}
