package import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let network = Action("network")
  package static let inspectNewest = Action("inspect-newest")
  package static let inspectBest = Action("inspect-best")
}

/// Why a lane's layers learn, or do not: balance and alignment of weights, dead units, closed gates, lagging statistics,
/// gradients. The selected layer's figures stand below with their course over the epochs and what they tell.
package struct NetworkView: LiveView {
  package static let tab = ViewTab(
    .network, key: .character("7"),
    help: "The layers of a lane: balance of weights, dead units, closed gates, lag, gradients.", smallestWidth: 16,
    smallestHeight: 1)

  package static let actions = [
    ActionDefinition(
      .inspectNewest, title: "newest weights", keys: [.character("w")], needsEngine: true,
      asksLanes: true, help: "Measure the layers with the lane's newest weights."),
    ActionDefinition(
      .inspectBest, title: "best weights", keys: [.character("z")], needsEngine: true, asksLanes: true,
      help: "Measure the layers with the weights with the best validation."),
  ]

  package var isMaximised = false
  package var maximiseTitle: String? { isMaximised ? "layers" : "layer" }

  private var known: [String: LaneDiagnostics] = [:]
  private var failures: [String: String] = [:]
  // The lanes whose measurement was requested and is not outdated.
  private var asked: Set<String> = []
  private var selected = 0
  private var page = 1

  package init() {}

  // MARK: Events

  package mutating func take(_ event: EngineEvent) {
    switch event {
    case .started: self = NetworkView()
    case .laneInspected(_, let diagnostics):
      known[diagnostics.weights.lane] = diagnostics
      failures[diagnostics.weights.lane] = nil
    case .deploymentFailed(_, let failure):
      if failure.work == .inspecting { failures[failure.lane] = failure.reason }
    case .layers(let report):
      if report.diagnostics == nil { return }
      if known[report.lane]?.weights.choice == .newest { asked.remove(report.lane) }
    default: break
    }
  }

  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] {
    guard context.canAsk, !context.lanes.isEmpty else { return [] }
    let name = context.lanes[context.chosenLane].name
    return asked.insert(name).inserted ? [.send(.inspectLane(name, nil))] : []
  }

  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] {
    guard !context.lanes.isEmpty else { return [.say("the lanes are not ready yet", .plain)] }
    let name = context.lanes[context.chosenLane].name
    asked.insert(name)
    return [.send(.inspectLane(name, invocation.action == .inspectBest ? .best : .newest))]
  }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    guard !context.lanes.isEmpty, let count = known[context.lanes[context.chosenLane].name]?.layers.count else {
      return []
    }
    selected = min(max(0, selected + min(max(-count, move.rows(page: page)), count)), count - 1)
    return []
  }

  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    switch mouse.kind {
    case .wheelUp: return scroll(.up, context)
    case .wheelDown: return scroll(.down, context)
    case .press:
      guard let place else { return nil }
      selected = place
      return []
    case .drag, .release: return nil
    }
  }

  package func isUseful(_ action: Action, _ context: ViewContext) -> Bool? {
    switch action {
    case .inspectNewest, .inspectBest: context.canAsk
    default: nil
    }
  }

  package func addHints(to list: inout HintList, _ context: ViewContext) {
    list.add(.up, .down, "layer")
    list.add(.inspectNewest)
    list.add(.inspectBest)
    list.add(.lane)
  }

  // MARK: Drawing

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    guard !context.lanes.isEmpty, !painter.isChartsOnly else { return }
    let index = context.chosenLane
    let lane = context.lanes[index]
    let name = StyledText(lane.name, painter.style(lane: index, .bold))
    let area = area.inset(left: area.width >= 36 ? 1 : 0, right: area.width >= 36 ? 1 : 0)
    guard let diagnostics = known[lane.name], !diagnostics.layers.isEmpty else {
      let reason = failures[lane.name]
      let words =
        reason.map { ": \($0)" }
        ?? (context.canAsk ? " is being measured" : ": there is no engine here that measures its layers")
      for (row, line) in TextWrap.lines(lane.name + words, width: area.width).prefix(area.height).enumerated() {
        painter.frame.text(
          row == 0
            ? [name, painter.piece(String(line.dropFirst(lane.name.count)), reason == nil ? .faint : .warning)]
            : [painter.piece(line, .warning)], x: area.x, y: area.y + row, maxWidth: area.width)
      }
      return
    }
    selected = min(selected, diagnostics.layers.count - 1)
    let rows = diagnostics.layers.count + 3
    let details = FigureList(
      layer: diagnostics.layers[selected], lane: index,
      // More than the widest course has columns.
      course: lane.diagnostics.suffix(64).compactMap { epoch in
        epoch.layers.first { $0.name == diagnostics.layers[selected].name }
      })
    if isMaximised {
      return draw(details, in: area, diagnostics, on: &painter)
    }
    guard area.height >= 8 else { return drawLayers(in: area, diagnostics, name, index, on: &painter) }
    if area.width >= 150 {
      let parts = area.columns([.weighted(1), .fixed(82)], spacing: 1)
      drawLayers(in: parts[0].rows(0, min(rows, area.height)), diagnostics, name, index, on: &painter)
      draw(details, in: parts[1].rows(0, min(area.height, details.count + 2)), diagnostics, on: &painter)
      let below = parts[0].inset(top: rows)
      if below.height >= 6 { drawCosts(of: diagnostics, in: below, on: &painter) }
    } else {
      let top = min(rows, max(5, area.height - details.count - 2))
      drawLayers(in: area.rows(0, top), diagnostics, name, index, on: &painter)
      let rest = area.inset(top: top)
      if rest.height >= 4 {
        draw(details, in: rest.rows(0, min(rest.height, details.count + 2)), diagnostics, on: &painter)
      }
      let below = rest.inset(top: details.count + 2)
      if below.height >= 6 { drawCosts(of: diagnostics, in: below, on: &painter) }
    }
  }

  private static let noCost = LayerDiagnostics.Cost(parameters: 0, packedBytes: 0, products: 0, operands: nil)

  // What the layers cost when images are classified, and their sum.
  private func drawCosts(of diagnostics: LaneDiagnostics, in area: Rect, on painter: inout Painter) {
    var layers = diagnostics.layers.filter { $0.cost != nil }
    guard !layers.isEmpty, area.width >= 30 else { return }
    let sum = layers.compactMap(\.cost).reduce(into: Self.noCost) { sum, cost in
      sum.parameters += cost.parameters
      sum.packedBytes += cost.packedBytes
      sum.products += cost.products
    }
    // Normalizations cost least.
    if layers.count + 4 > area.height { layers = layers.filter { ($0.cost?.products ?? 0) > 0 } }
    let box = area.rows(0, min(area.height, layers.count + 4))
    painter.frame.border(
      box, title: [painter.piece("costs", .strong)], trailing: [painter.piece("products are per image", .faint)],
      style: painter.style(.border), glyphs: painter.glyphs)
    let inner = box.inset(left: 2, top: 1, right: 2, bottom: 1)
    func row(_ name: String, _ shape: String, _ cost: LayerDiagnostics.Cost, isSum: Bool = false) -> [[StyledText]] {
      func cell(_ text: String, _ role: ThemeRole = .text) -> [StyledText] {
        [painter.piece(text, isSum && role == .text ? .strong : role)]
      }
      return [
        cell(name, .strong), cell(shape, .faint), cell(NumberFormat.grouped(cost.parameters)),
        cell(NumberFormat.bytes(4 * cost.parameters)), cell(NumberFormat.bytes(cost.packedBytes), .strong),
        cell(
          cost.packedBytes == 4 * cost.parameters
            ? "" : Figure.ratio(Double(4 * cost.parameters), over: Double(cost.packedBytes)), .good),
        cell(cost.products == 0 ? Figure.unknown : NumberFormat.grouped(cost.products)),
        cell(cost.operands ?? "", .faint),
      ]
    }
    let times = painter.glyphs.fallback == .all ? "x" : "×"
    // The sum is of all layers, also if not all fit.
    let rows =
      layers.prefix(max(0, inner.height - 2)).map { layer in
        row(
          Figures.shortName(layer.name), layer.weightShape?.map(String.init).joined(separator: times) ?? "",
          layer.cost ?? Self.noCost)
      } + [row("all", "", sum, isSum: true)]
    let columns = [
      TableColumn("layer", priority: 8, minimumWidth: 6), TableColumn("weights", priority: 3),
      TableColumn("parameters", alignment: .trailing, priority: 4),
      TableColumn("float", alignment: .trailing, priority: 5), TableColumn("packed", alignment: .trailing, priority: 7),
      TableColumn("", alignment: .trailing, priority: 6), TableColumn("products", alignment: .trailing, priority: 2),
      TableColumn("of", priority: 1),
    ]
    Table(columns: columns, rows: rows).render(
      into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
  }

  private func draw(
    _ details: FigureList, in area: Rect, _ diagnostics: LaneDiagnostics, on painter: inout Painter
  ) {
    var inner = area
    if area.height >= 4, area.width >= 30 {
      let layer = diagnostics.layers[selected]
      let title = [painter.piece(layer.name, .strong)]
      let room = area.width - displayWidth(title) - 9
      let note = ["now, by epoch, and what it tells", "now and by epoch", ""].first { displayWidth($0) <= room } ?? ""
      let cost = layer.cost.map { words($0, in: room - displayWidth(note) - 3) } ?? ""
      painter.frame.border(
        area, title: title + [painter.piece(cost, .faint)],
        trailing: area.width >= 60 ? [painter.piece(note, .faint)] : [], style: painter.style(.border),
        glyphs: painter.glyphs)
      inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    }
    details.draw(in: inner, on: &painter)
  }

  // “  401 kB → 13.3 kB, 100,352 products of signs”, as much of it as fits.
  private func words(_ cost: LayerDiagnostics.Cost, in width: Int) -> String {
    let sizes = "  \(NumberFormat.bytes(4 * cost.parameters)) → \(NumberFormat.bytes(cost.packedBytes))"
    guard cost.products > 0 else { return displayWidth(sizes) <= width ? sizes : "" }
    let products = ", \(NumberFormat.grouped(cost.products)) products"
    let all = cost.operands.map { sizes + products + " of \($0)" } ?? sizes + products
    return [all, sizes + products, sizes].first { displayWidth($0) <= width } ?? ""
  }

  private mutating func drawLayers(
    in area: Rect, _ diagnostics: LaneDiagnostics, _ name: StyledText, _ index: Int, on painter: inout Painter
  ) {
    var inner = area
    var note = DeployCard.words(diagnostics.weights)
    if let batch = diagnostics.batch, area.width >= 70 { note = "\(batch.images.count) validation images, " + note }
    if area.height >= 5, area.width >= 30 {
      painter.frame.border(
        area, title: [name, painter.piece(" layers", .strong)], trailing: [painter.piece(note, .faint)],
        style: painter.style(.border), glyphs: painter.glyphs)
      inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    }
    func cell(_ figure: Figures.Value?) -> [StyledText] {
      [painter.piece(figure?.text ?? Figure.unknown, figure?.role ?? .faint)]
    }
    let rows = diagnostics.layers.map { layer -> [[StyledText]] in
      let figures = Figures(layer)
      return [
        [painter.piece(Figures.shortName(layer.name), .strong)],
        [
          painter.piece(
            layer.output.map(String.init).joined(separator: painter.glyphs.fallback == .all ? "x" : "×"), .faint)
        ],
        cell(figures.plus), cell(figures.entropy), cell(figures.alignment), cell(figures.clipped),
        cell(figures.deadWeights), cell(figures.neverFlipped), cell(figures.deadUnits), cell(figures.closed),
        cell(figures.lag), cell(figures.gradient),
      ]
    }
    let columns = [
      TableColumn("layer", priority: 12, minimumWidth: inner.width < 40 ? 8 : nil), TableColumn("output", priority: 2),
      TableColumn("+1", alignment: .trailing, priority: 9), TableColumn("entropy", alignment: .trailing, priority: 4),
      TableColumn("cos", alignment: .trailing, priority: 5), TableColumn("at clip", alignment: .trailing, priority: 3),
      TableColumn("tails", alignment: .trailing, priority: 1),
      TableColumn("unflipped", alignment: .trailing, priority: 6),
      TableColumn("dead", alignment: .trailing, priority: 11),
      TableColumn("closed", alignment: .trailing, priority: 10), TableColumn("lag", alignment: .trailing, priority: 8),
      TableColumn("gradient", alignment: .trailing, priority: 7),
    ]
    page = max(1, inner.height - 1)
    let first = ListView.offset(selected - page / 2, selection: selected, height: page, count: rows.count)
    Table(columns: columns, rows: rows, selection: selected, offset: first).render(
      into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
    for row in 0..<max(0, min(page, rows.count - first)) { painter.hits.add(inner.row(row + 1), .place(first + row)) }
  }
}
