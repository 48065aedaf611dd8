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
  // The figures at the ends of epochs, by lane.
  private var courses: [String: [LayerReport]] = [:]
  // The lanes whose measurement was requested and is not outdated.
  private var asked: Set<String> = []
  private var selected = 0
  private var page = 1

  package init() {}

  // The lane in focus, else the first binary one.
  private func lane(_ context: ViewContext) -> Int {
    context.focusedLane ?? context.lanes.firstIndex { $0.description.isBinary } ?? 0
  }

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
      guard report.diagnostics != nil else { return }
      // A rewound lane has another course from there.
      courses[report.lane, default: []].removeAll { $0.step >= report.step }
      courses[report.lane, default: []].append(report)
      if known[report.lane]?.weights.choice == .newest { asked.remove(report.lane) }
    default: break
    }
  }

  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] {
    guard context.canAsk, !context.lanes.isEmpty else { return [] }
    let name = context.lanes[lane(context)].name
    return asked.insert(name).inserted ? [.send(.inspectLane(name, nil))] : []
  }

  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] {
    guard !context.lanes.isEmpty else { return [.say("the lanes are not ready yet", .plain)] }
    let name = context.lanes[lane(context)].name
    asked.insert(name)
    return [.send(.inspectLane(name, invocation.action == .inspectBest ? .best : .newest))]
  }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    guard !context.lanes.isEmpty, let count = known[context.lanes[lane(context)].name]?.layers.count else { return [] }
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
    let index = lane(context)
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
      course: (courses[lane.name] ?? []).compactMap { report in
        report.diagnostics?.first { $0.name == diagnostics.layers[selected].name }
      })
    if isMaximised {
      return draw(details, in: area, diagnostics, on: &painter)
    }
    guard area.height >= 8 else { return drawLayers(in: area, diagnostics, name, index, on: &painter) }
    if area.width >= 150 {
      let parts = area.columns([.weighted(1), .fixed(82)], spacing: 1)
      drawLayers(in: parts[0].rows(0, min(rows, area.height)), diagnostics, name, index, on: &painter)
      draw(details, in: parts[1].rows(0, min(area.height, details.count + 2)), diagnostics, on: &painter)
    } else {
      let top = min(rows, max(5, area.height - details.count - 2))
      drawLayers(in: area.rows(0, top), diagnostics, name, index, on: &painter)
      let rest = area.inset(top: top)
      if rest.height >= 4 {
        draw(details, in: rest.rows(0, min(rest.height, details.count + 2)), diagnostics, on: &painter)
      }
    }
  }

  private func draw(
    _ details: FigureList, in area: Rect, _ diagnostics: LaneDiagnostics, on painter: inout Painter
  ) {
    var inner = area
    if area.height >= 4, area.width >= 30 {
      painter.frame.border(
        area, title: [painter.piece(diagnostics.layers[selected].name, .strong)],
        trailing: area.width >= 60 ? [painter.piece("now, by epoch, and what it tells", .faint)] : [],
        style: painter.style(.border), glyphs: painter.glyphs)
      inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    }
    details.draw(in: inner, on: &painter)
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

/// The figures of a layer as text, with a colour where one is conspicuous.
struct Figures {
  /// A figure.
  struct Value {
    let text: String
    let role: ThemeRole
  }

  let layer: LayerDiagnostics

  /// “hidden1.norm” for “hidden1.normalization”.
  static func shortName(_ name: String) -> String {
    guard let dot = name.lastIndex(of: "."), name.distance(from: dot, to: name.endIndex) > 6 else { return name }
    return String(name[...dot] + name[name.index(after: dot)...].prefix(4))
  }

  init(_ layer: LayerDiagnostics) { self.layer = layer }

  var plus: Value? {
    (layer.weights?.plusShare ?? layer.activations?.plusShare).map { share in
      Value(text: percent(share), role: layer.weights != nil && abs(share - 0.5) > 0.2 ? .warning : .text)
    }
  }
  var entropy: Value? {
    layer.weights.map { Value(text: number($0.meanEntropy), role: $0.meanEntropy < 0.5 ? .warning : .text) }
  }
  var alignment: Value? {
    layer.weights?.alignment.map { Value(text: number($0), role: $0 < 0.6 ? .warning : .text) }
  }
  var clipped: Value? {
    layer.weights?.clippedShare.map { Value(text: percent($0), role: $0 > 0.9 ? .warning : .text) }
  }
  var deadWeights: Value? { layer.weights?.deadShare.map { Value(text: percent($0), role: .text) } }
  var neverFlipped: Value? { layer.weights?.neverFlippedShare.map { Value(text: percent($0), role: .text) } }
  var kernels: Value? {
    layer.weights?.kernels.map { Value(text: "\($0.distinctUpToInversion) of \(min(256, $0.count))", role: .text) }
  }
  var deadUnits: Value? {
    layer.activations.map {
      Value(text: percent($0.deadShare), role: $0.deadShare > 0.25 ? .bad : $0.deadShare > 0.05 ? .warning : .text)
    }
  }
  var closed: Value? {
    layer.activations?.closedShare.map {
      Value(text: percent($0), role: $0 > 0.9 ? .bad : $0 > 0.6 ? .warning : .text)
    }
  }
  var lag: Value? {
    layer.lag.map { Value(text: number($0.mean), role: $0.mean > 1 ? .bad : $0.mean > 0.25 ? .warning : .text) }
  }
  var gradient: Value? {
    layer.gradientNorm.map {
      Value(text: NumberFormat.significant($0, digits: 3), role: $0 == 0 || !$0.isFinite ? .bad : .text)
    }
  }

  private func percent(_ share: Double) -> String { NumberFormat.percent(share, decimals: 1) }
  private func number(_ value: Double) -> String { NumberFormat.fixed(value, decimals: 3) }
}

/// All figures of a layer, a line each: its value, its course over the epochs, and what it tells.
private struct FigureList {
  let layer: LayerDiagnostics
  let lane: Int
  /// The layer at the ends of epochs.
  let course: [LayerDiagnostics]

  private struct Row {
    let title: String
    let value: Figures.Value?
    let of: (LayerDiagnostics) -> Double?
    let words: String
  }

  private var rows: [Row] {
    let figures = Figures(layer)
    func number(_ value: Double?) -> Figures.Value? {
      value.map { Figures.Value(text: NumberFormat.significant($0, digits: 3), role: .text) }
    }
    let all = [
      Row(
        title: "+1", value: figures.plus, of: { $0.weights?.plusShare ?? $0.activations?.plusShare },
        words: "far from half: it has lost balance"),
      Row(
        title: "entropy", value: figures.entropy, of: { $0.weights?.meanEntropy },
        words: "by row: 0 says nothing, 0.693 is most"),
      Row(
        title: "cos θ", value: figures.alignment, of: { $0.weights?.alignment },
        words: "latent and sign: 0.798 is Gaussian"),
      Row(
        title: "at clip", value: figures.clipped, of: { $0.weights?.clippedShare },
        words: "latent weights that only move inwards"),
      Row(
        title: "in tails", value: figures.deadWeights, of: { $0.weights?.deadShare },
        words: "so large that they hardly flip again"),
      Row(
        title: "unflipped", value: figures.neverFlipped, of: { $0.weights?.neverFlippedShare },
        words: "weights that have their first sign"),
      Row(
        title: "kernels", value: figures.kernels, of: { ($0.weights?.kernels?.distinctUpToInversion).map(Double.init) },
        words: "different 3×3 patterns of signs"),
      Row(
        title: "dead units", value: figures.deadUnits, of: { $0.activations?.deadShare },
        words: "one sign for all images: say nothing"),
      Row(
        title: "closed", value: figures.closed, of: { $0.activations?.closedShare },
        words: "beyond the window: no gradient passes"),
      Row(
        title: "saturation", value: number(layer.activations?.saturation), of: { $0.activations?.saturation },
        words: "inputs far beyond the window"),
      Row(
        title: "mismatch", value: number(layer.activations?.mismatch), of: { $0.activations?.mismatch },
        words: "so near 0 that the gradient misleads"),
      Row(
        title: "lag", value: figures.lag, of: { $0.lag?.mean },
        words: "statistics behind: validation is worse"),
      Row(
        title: "largest lag", value: number(layer.lag?.maximum), of: { $0.lag?.maximum }, words: "of a channel"),
      Row(
        title: "gradient", value: figures.gradient, of: { $0.gradientNorm },
        words: "near 0: the layer does not learn"),
    ]
    return all.filter { $0.value != nil }
  }

  /// The number of lines.
  var count: Int { rows.count }

  func draw(in area: Rect, on painter: inout Painter) {
    let showsCourse = area.width >= 44
    let showsWords = area.width >= 60
    for (line, row) in rows.prefix(max(0, area.height)).enumerated() {
      let y = area.y + line
      painter.text(row.title, x: area.x, y: y, .faint, maxWidth: 11)
      if let value = row.value {
        painter.frame.text(
          value.text, endingAt: area.x + min(21, area.width), y: y,
          style: painter.style(value.role, value.role == .text ? [] : .bold))
      }
      let width = area.width >= 100 ? 24 : 12
      if showsCourse {
        let values = course.map { row.of($0) ?? .nan }
        let greatest = values.filter(\.isFinite).max() ?? 0
        Sparkline(
          values: values.suffix(width), color: painter.calmColor(lane: lane), lowest: 0,
          highest: greatest > 0 ? greatest * 1.2 : 1
        ).render(
          into: &painter.frame, area: Rect(x: area.x + 23, y: y, width: width, height: 1), theme: painter.theme,
          glyphs: painter.glyphs)
      }
      if showsWords {
        let x = area.x + 23 + width + 2
        painter.text(row.words, x: x, y: y, .faint, maxWidth: area.maxX - x)
      }
    }
  }
}
