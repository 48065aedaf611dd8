import EngineProtocol
import TerminalUI
import TrainingMetrics

/// Draws the screen of weights.
struct WeightPanels {
  let view: WeightsView
  let context: ViewContext
  let cursor: (unit: Int, input: Int)?
  let firstUnit: Int

  /// What the screen needs to know of the drawing.
  struct Drawn {
    var tiles: [WeightsView.Tile] = []
    /// How many units have room; nil if no images were drawn.
    var unitCount: Int?
  }

  var index: Int { context.chosenLane }
  var lane: LaneModel { view.lane(context) }
  private var layer: String { view.layer(context) ?? "" }
  var weights: LayerWeights? { view.weights(context).flatMap { $0.layer.name == layer ? $0 : nil } }
  private var exact: LayerWeights? { view.exactWeights(context) }
  private var epochs: [WeightsView.Epoch] { view.epochs(context) }
  private var selected: Int? { view.selectedEpoch(context) }
  // The lanes of Bop have no latent weights.
  private var isMoving: Bool { weights.map { $0.layer.kind == .moving } ?? (lane.value(of: .flipThreshold) != nil) }

  func draw(in area: Rect, on painter: inout Painter) -> Drawn {
    guard !layer.isEmpty || weights != nil || !epochs.isEmpty else {
      drawWaiting(in: area, on: &painter)
      return Drawn()
    }
    drawHeader(in: area.row(0), on: &painter)
    var rest = area.inset(top: 1)
    var drawn = Drawn()
    if area.height >= 13, area.width >= 50 {
      // Only a text that fits into a line.
      if let text = explanations.first(where: { displayWidth($0) <= area.width }) {
        painter.text(text, x: area.x, y: area.maxY - 1, .faint)
        rest = rest.inset(bottom: 1)
      }
    }
    if let part = view.shownPart {
      draw(part, in: rest, &drawn, on: &painter)
    } else if area.width >= 70, rest.height >= 8 {
      let columns = rest.columns(2, spacing: 1)
      let upper = min(rest.height / 2 + 1, 18)
      let isSplit = rest.height >= 11
      draw(.histogram, in: isSplit ? columns[0].rows(0, upper) : columns[0], &drawn, on: &painter)
      if isSplit { draw(.epochs, in: columns[0].inset(top: upper), &drawn, on: &painter) }
      let below = cursor == nil || rest.height < 10 ? 0 : rest.height >= 20 ? min(14, rest.height * 2 / 5 + 1) : 5
      draw(.images, in: columns[1].inset(bottom: below), &drawn, on: &painter)
      if below > 0 { draw(.weight, in: columns[1].inset(top: columns[1].height - below), &drawn, on: &painter) }
    } else if cursor != nil, rest.height >= 3 {
      draw(.weight, in: rest, &drawn, on: &painter)
    } else if rest.height >= 10 {
      let parts = rest.rows([.weighted(1), .weighted(1)])
      draw(.histogram, in: parts[0], &drawn, on: &painter)
      draw(.epochs, in: parts[1], &drawn, on: &painter)
    } else if !rest.isEmpty {
      draw(.histogram, in: rest, &drawn, on: &painter)
    }
    return drawn
  }

  private func draw(_ part: WeightsView.Part, in area: Rect, _ drawn: inout Drawn, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    switch part {
    case .histogram: drawHistogram(in: area, on: &painter)
    case .epochs: drawEpochs(in: area, on: &painter)
    case .images: drawImages(in: area, &drawn, on: &painter)
    case .weight: drawWeight(in: area, on: &painter)
    }
  }

  private func drawWaiting(in area: Rect, on painter: inout Painter) {
    let words =
      view.failure(context) ?? (context.canAsk ? "the weights are being read" : "the weights are not recorded")
    let name = StyledText(lane.name + ": ", painter.style(lane: index, .bold))
    let lines = TextWrap.lines(words, width: max(1, area.width - displayWidth(name.text)))
    for (row, line) in lines.prefix(area.height).enumerated() {
      painter.frame.text(
        (row == 0 ? [name] : []) + [painter.piece(line, view.failure(context) == nil ? .faint : .warning)], x: area.x,
        y: area.y + row, maxWidth: area.width)
    }
  }

  // A box with a title where there is room for it; the title's line otherwise is left out.
  func box(
    _ title: [StyledText], _ note: String, in area: Rect, on painter: inout Painter
  ) -> Rect {
    guard area.height >= 5, area.width >= 24 else { return area }
    let room = area.width - 8 - displayWidth(title)
    painter.frame.border(
      area, title: title, trailing: displayWidth(note) <= room ? [painter.piece(note, .faint)] : [],
      style: painter.style(.border), glyphs: painter.glyphs)
    return area.inset(left: 2, top: 1, right: 2, bottom: 1)
  }

  // MARK: The layers

  private func drawHeader(in row: Rect, on painter: inout Painter) {
    guard !row.isEmpty else { return }
    let layers = view.layers(context)
    var x = row.x
    if row.width >= 50 {
      x += painter.frame.text(
        [StyledText(lane.name + "  ", painter.style(lane: index, .bold))], x: x, y: row.y, maxWidth: row.width)
    }
    let place = layers.firstIndex(of: layer) ?? 0
    let when = when
    let room = row.maxX - x - (row.width >= 50 ? displayWidth(when) + 2 : 0)
    // As many names as fit, with the chosen one among them.
    var shown = place...place
    func width(_ range: ClosedRange<Int>) -> Int { range.reduce(0) { $0 + displayWidth(layers[$1]) + 2 } }
    while true {
      if shown.upperBound + 1 < layers.count, width(shown.lowerBound...shown.upperBound + 1) <= room {
        shown = shown.lowerBound...shown.upperBound + 1
      } else if shown.lowerBound > 0, width(shown.lowerBound - 1...shown.upperBound) <= room {
        shown = shown.lowerBound - 1...shown.upperBound
      } else {
        break
      }
    }
    for number in shown where layers.indices.contains(number) {
      let style = number == place ? painter.theme.style(.strong, on: .selection) : painter.style(.faint)
      let used = painter.frame.text(layers[number], x: x, y: row.y, style: style, maxWidth: row.maxX - x)
      painter.hits.add(Rect(x: x, y: row.y, width: used, height: 1), .place(number))
      x += used + 2
    }
    if row.width >= 50, row.maxX - displayWidth(when) > x {
      painter.frame.text(when, endingAt: row.maxX, y: row.y, style: painter.style(selected == nil ? .faint : .accent))
    }
  }

  // When the weights were so.
  private var when: String {
    if let selected { return "epoch \(epochNumber(epochs[selected]))" }
    guard let weights else { return context.canAsk ? "being read" : "as recorded" }
    return "step \(NumberFormat.grouped(weights.weights.step))"
  }

  private func epochNumber(_ epoch: WeightsView.Epoch) -> String {
    if let report = lane.reports.first(where: { $0.step == epoch.step }) { return "\(report.epoch)" }
    return "@" + NumberFormat.abbreviated(Double(epoch.step))
  }

  // Why the weights are floats, and what is exported, in shorter and shorter forms.
  private var explanations: [String] {
    guard let weights else { return [] }
    let layer = weights.layer
    let count = Double(layer.units * layer.inputs)
    let size = NumberFormat.bytes(Int(4 * count))
    switch layer.kind {
    case .float:
      return [
        "This layer is not binary: its weights are float32 in training and in the export, \(size).",
        "Not binary: float32, \(size).",
      ]
    case .moving:
      let exported = "1 bit each, \(NumberFormat.bytes(Int(count / 8)))."
      return [
        "Bop has no latent weights: a moving average of gradients decides when a sign flips. Signs are exported, \(exported)",
        "No latent weights: averages of gradients flip the signs. Exported: \(exported)",
      ]
    case .latent:
      let bits = weights.figures == nil ? nil : weights.zeroBand == nil ? 1 : 2
      let exported = bits.map { "\($0) bit\($0 == 1 ? "" : "s") each, \(NumberFormat.bytes(Int(count) * $0 / 8))." }
      let what = bits == 1 ? "the signs" : "\(layer.words) weights"
      return [
        "Latent weights are floats (\(size)): one update is a small step, and many add up to a flip. Only \(what) are exported"
          + (exported.map { ", \($0)" } ?? "."),
        "Floats, because small updates add up to a flip. Exported: \(exported ?? "\(layer.words) weights.")",
      ]
    }
  }

  // MARK: The histogram

  private var histogram: Histogram? {
    exact?.histogram ?? selected.map { epochs[$0] }?.histogram(layer) ?? weights?.histogram
      ?? epochs.last?.histogram(layer)
  }

  private var figures: LayerDiagnostics.Weights? {
    exact?.figures ?? selected.map { epochs[$0] }?.diagnostics.first { $0.name == layer }?.weights
      ?? (selected == nil ? epochs.last?.diagnostics.first { $0.name == layer }?.weights : nil)
  }

  private func drawHistogram(in area: Rect, on painter: inout Painter) {
    let title: String
    switch weights?.layer.kind {
    case .float?: title = "float weights"
    case .moving?: title = "margins to a flip"
    case .latent?: title = "latent weights"
    case nil: title = isMoving ? "margins to a flip" : "latent weights"
    }
    let shape = weights.map { "\($0.layer.words), \($0.layer.units)×\($0.layer.inputs)" } ?? ""
    let inner = box([painter.piece(title, .strong)], shape, in: area, on: &painter)
    let lines = lines(painter, width: inner.width)
    let shown = inner.height >= 5 ? min(lines.count, inner.height - 4) : inner.height >= 2 ? 0 : 0
    if inner.height == 1 {
      if let first = lines.first { painter.frame.text(first, x: inner.x, y: inner.y, maxWidth: inner.width) }
      return
    }
    guard let histogram else {
      return painter.centered(
        [painter.piece(view.failure(context) ?? "being read", .faint)], in: inner.row(inner.height / 2))
    }
    if isMoving, histogram.upperBound != 2 {
      painter.centered([painter.piece("margins are not recorded", .faint)], in: inner.row(inner.height / 2))
    } else {
      var chart = MarkedHistogram(histogram: histogram, color: painter.calmColor(lane: index))
      if isMoving {
        chart.mark = (1, "flips")
      } else {
        chart.zone = exact?.zeroBand ?? exact?.reach?.mean
        chart.isClipped = (exact ?? weights)?.clip != nil
      }
      chart.draw(in: inner.rows(0, inner.height - shown), on: &painter)
    }
    for (row, line) in lines.prefix(shown).enumerated() {
      painter.frame.text(line, x: inner.x, y: inner.maxY - shown + row, maxWidth: inner.width)
    }
  }

  // The figures, as many in a line as fit.
  private func lines(_ painter: Painter, width: Int) -> [[StyledText]] {
    var parts: [[StyledText]] = []
    func add(_ name: String, _ value: String?, _ role: ThemeRole = .text) {
      guard let value else { return }
      parts.append([painter.piece(name + " ", .faint), painter.piece(value, role)])
    }
    func share(_ value: Double?) -> String? { value.map { NumberFormat.percent($0, decimals: 1) } }
    if let reach = exact?.reach {
      add("one update moves", "±" + NumberFormat.significant(reach.mean, digits: 2), .accent)
      add("within its reach", share(reach.share), .accent)
    }
    if let near = exact?.nearShare { add("above ½", share(near), .accent) }
    if let band = exact?.zeroBand { add("zero up to", NumberFormat.significant(band, digits: 2), .accent) }
    if let figures {
      let texts = Figures(LayerDiagnostics(name: layer, output: [], weights: figures))
      add("cos θ", texts.alignment?.text, texts.alignment?.role ?? .text)
      add("+1", texts.plus?.text, texts.plus?.role ?? .text)
      add("zero", share(figures.zeroShare))
      add("at clip", texts.clipped?.text, texts.clipped?.role ?? .text)
      add("in tails", texts.deadWeights?.text)
      add("unflipped", texts.neverFlipped?.text)
    }
    if exact?.layer.kind == .latent, exact?.reach == nil {
      add("one update moves", (exact?.weights.step ?? 0) == 0 ? "nothing yet" : "not known", .faint)
    }
    var lines: [[StyledText]] = []
    for part in parts {
      if let last = lines.last, displayWidth(last) + 3 + displayWidth(part) <= width {
        lines[lines.count - 1] += [painter.piece("   ")] + part
      } else {
        lines.append(part)
      }
    }
    return lines
  }

  // MARK: Epochs

  private func drawEpochs(in area: Rect, on painter: inout Painter) {
    let epochs = epochs
    let note = selected.map { "\(epochNumber(epochs[$0])) of \(epochNumber(epochs[epochs.count - 1]))" } ?? "now"
    let inner = box([painter.piece("by epoch", .strong)], note, in: area, on: &painter)
    let rows = epochs.compactMap { epoch in
      epoch.histogram(layer).map { (label: epochNumber(epoch), histogram: $0) }
    }
    guard !rows.isEmpty, !isMoving || rows.last?.histogram.upperBound == 2 else {
      let words =
        weights?.layer.kind == .float
        ? "float weights are not recorded" : isMoving && !rows.isEmpty ? "not recorded" : "no epoch yet"
      return painter.centered([painter.piece(words, .faint)], in: inner.row(inner.height / 2))
    }
    let hasSlider = inner.height >= 4 && inner.width >= 24 && rows.count > 1
    let drawn = Ridges(rows: rows, selection: selected, color: painter.calmColor(lane: index)).draw(
      in: inner.inset(bottom: hasSlider ? 1 : 0), on: &painter)
    for (row, place) in drawn { painter.hits.add(place, .place(-1 - row)) }
    guard hasSlider else { return }
    let place = Double((selected ?? rows.count - 1) + (selected == nil ? 1 : 0)) / Double(rows.count)
    let slider = inner.row(inner.height - 1).inset(left: 2, right: 10)
    ProgressBar(place, color: painter.theme[selected == nil ? .faint : .accent]).render(
      into: &painter.frame, area: slider, theme: painter.theme, glyphs: painter.glyphs)
    painter.frame.text(
      selected == nil ? "now" : "epoch \(epochNumber(epochs[selected ?? 0]))", endingAt: inner.maxX, y: slider.y,
      style: painter.style(selected == nil ? .faint : .accent))
  }

  // MARK: Images

  private func drawImages(in area: Rect, _ drawn: inout Drawn, on painter: inout Painter) {
    guard let weights else {
      let inner = box([painter.piece("units", .strong)], "", in: area, on: &painter)
      let words = view.failure(context) ?? (context.canAsk ? "being read" : "not recorded")
      for (row, line) in TextWrap.lines(words, width: inner.width).prefix(inner.height).enumerated() {
        painter.text(line, x: inner.x, y: inner.y + row, view.failure(context) == nil ? .faint : .warning)
      }
      return
    }
    let pictures = weights.pictures
    let title =
      pictures.levels == nil ? "weights" : weights.layer.kind == .moving ? "average beside sign" : "latent beside sign"
    let kind = pictures.arePixels ? "" : ", rows of inputs"
    // Without a checkpoint of the selected epoch there are no weights of it.
    let isOther = exact == nil && selected != nil
    let inner = box(
      [painter.piece(title, .strong)],
      isOther
        ? "no checkpoint here: step \(NumberFormat.grouped(weights.weights.step))"
        : "of \(weights.layer.units) units\(kind)",
      in: area, on: &painter)
    let tileLayout = TileLayout(
      pictures, hasLevels: pictures.levels != nil, drawsImages: painter.drawsImages, in: inner)
    guard tileLayout.count > 0 else { return }
    drawn.unitCount = tileLayout.count
    let size = pictures.width * pictures.height * pictures.channels
    let inputs = weights.layer.inputs
    for number in 0..<min(tileLayout.count, pictures.count) {
      let unit = pictures.firstUnit + number
      let place = tileLayout.place(number, in: inner)
      let isMarked = cursor?.unit == unit
      painter.text("\(unit)", x: place.x, y: place.y, isMarked ? .accent : .faint, maxWidth: place.width)
      for (side, data) in [pictures.values, pictures.levels].enumerated() {
        guard let data else { continue }
        let begin = number * inputs
        guard data.count >= begin + inputs else { continue }
        var picture = Picture(
          width: pictures.width, height: pictures.height, channels: pictures.channels,
          pixels: Array(data.dropFirst(begin).prefix(min(size, inputs))))
        if isMarked, let cursor {
          let pixel = cursor.input / pictures.channels
          picture.marked = Frame.Point(x: pixel % pictures.width, y: pixel / pictures.width)
        }
        let target = Rect(
          x: place.x + side * (tileLayout.columns + 1), y: place.y + 1, width: tileLayout.columns,
          height: tileLayout.rows)
        let layout = picture.render(into: &painter.frame, area: target, theme: painter.theme, glyphs: painter.glyphs)
        painter.hits.add(layout.area, .place(WeightsView.firstTile + drawn.tiles.count))
        drawn.tiles.append(WeightsView.Tile(unit: unit, layout: layout))
      }
    }
  }
}

/// The arrangement of images of units: the largest size at which one fits, and as many as there is room for. Where the
/// terminal draws images, half the size shows the same, and more units.
struct TileLayout {
  /// The cells of one image.
  let columns, rows: Int
  /// The cells of a unit, with its number above and the gap to the next.
  private let width, height: Int
  private let perRow: Int
  /// Number of units.
  let count: Int

  init(_ pictures: LayerWeights.Pictures, hasLevels: Bool, drawsImages: Bool, in area: Rect) {
    let sides = hasLevels ? 2 : 1
    func size(_ up: Int, _ down: Int) -> (columns: Int, rows: Int) {
      let columns = (pictures.width * up + down - 1) / down
      return (max(1, columns), max(1, ((pictures.height * up + down - 1) / down + 1) / 2))
    }
    // Small kernels are drawn twice as large.
    let isSmall = pictures.width <= 10 && pictures.height <= 10
    let factors = (isSmall ? [(2, 1)] : []) + (drawsImages && !isSmall ? 2...64 : 1...64).map { (1, $0) }
    let fitting = factors.lazy.map { size($0.0, $0.1) }.first { size in
      sides * size.columns + sides - 1 <= area.width && size.rows + 1 <= area.height
    }
    guard let fitting, area.height >= 2 else {
      (columns, rows, width, height, perRow, count) = (0, 0, 0, 0, 0, 0)
      return
    }
    (columns, rows) = fitting
    width = max(sides * columns + sides - 1, 3) + 2
    height = rows + 1
    perRow = max(1, (area.width + 2) / width)
    count = min(WeightsRequest.mostUnits, perRow * max(1, area.height / height))
  }

  /// The place of a unit.
  func place(_ number: Int, in area: Rect) -> Rect {
    Rect(
      x: area.x + number % perRow * width, y: area.y + number / perRow * height, width: width - 2, height: height)
  }
}
