package import EngineProtocol
package import TerminalUI
import TrainingMetrics

/// Two checkpoints of one lane side by side: loss, accuracy, hyperparameters, the distance of their signs and the figures
/// of each layer.
package struct MomentsBoard: Overlay {
  /// The lane's name.
  package let lane: String
  /// The places of the two checkpoints.
  package private(set) var places: [MomentsRequest.Place]
  /// The comparison; nil until it is known.
  package private(set) var comparison: MomentsComparison?

  // The side that the arrow keys change.
  private var side = 1
  private var failure: String?
  private var id: CommandID?
  private var position = ListPosition.start

  /// A comparison, which does nothing before `compare`.
  init(lane: String, _ first: MomentsRequest.Place, _ second: MomentsRequest.Place) {
    self.lane = lane
    places = [first, second]
  }

  /// Requests the comparison.
  mutating func compare(_ dashboard: inout Dashboard) {
    (comparison, failure) = (nil, nil)
    id = dashboard.send(.compareMoments(MomentsRequest(lane: lane, first: places[0], second: places[1])))
  }

  // MARK: Events

  package mutating func take(_ event: EngineEvent, _ dashboard: inout Dashboard) {
    switch event {
    case .momentsCompared(let id, let comparison) where id == self.id: self.comparison = comparison
    case .deploymentFailed(let id, let failure) where id == self.id: self.failure = failure.reason
    case .refused(let id, let reason) where id == self.id: failure = reason
    default: break
    }
  }

  package mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    switch key {
    case .escape, .character("q"), .character("Q"): return cancel(&dashboard)
    case .tab, .backTab: side = 1 - side
    case .left, .character("h"): move(-1, &dashboard)
    case .right, .character("l"): move(1, &dashboard)
    case .up, .character("k"): position.scroll(.up)
    case .down, .character("j"): position.scroll(.down)
    case .pageUp: position.scroll(.pageUp)
    case .pageDown: position.scroll(.pageDown)
    case .home, .character("g"): position.scroll(.first)
    case .end, .character("G"): position.scroll(.last)
    default: break
    }
    return .stays
  }

  package mutating func take(
    _ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard
  ) -> OverlayFate {
    switch mouse.kind {
    case .wheelUp: position.scroll(.up)
    case .wheelDown: position.scroll(.down)
    case .press: if case .row(let place) = target { side = min(max(0, place), 1) }
    case .drag, .release: break
    }
    return .stays
  }

  package mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate {
    if comparison == nil, failure == nil { dashboard.send(.cancelDeployment) }
    return .closes
  }

  // Moves the active side to another checkpoint.
  private mutating func move(_ direction: Int, _ dashboard: inout Dashboard) {
    let all = Self.checkpoints(of: lane, in: dashboard)
    guard let place = all.firstIndex(of: places[side]) else { return }
    let next = min(max(0, place + direction), all.count - 1)
    guard next != place else { return }
    places[side] = all[next]
    compare(&dashboard)
  }

  /// The checkpoints of a lane, oldest first.
  static func checkpoints(of lane: String, in dashboard: Dashboard) -> [MomentsRequest.Place] {
    guard let index = dashboard.model.index(of: lane) else { return [] }
    return dashboard.model.lanes[index].checkpoints.map { MomentsRequest.Place(branch: $0.branch, step: $0.step) }
      .sorted { ($0.branch, $0.step) < ($1.branch, $1.step) }
  }

  package func hints(_ dashboard: Dashboard) -> [Footer.Hint] {
    [
      Footer.Hint(keys: Key.left.label + Key.right.label, title: "other checkpoint"), .key(.tab, "other side"),
      Footer.Hint(keys: Key.up.label + Key.down.label, title: "scroll"), .key(.escape, "leave"),
    ]
  }

  // MARK: Drawing

  package mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    let bounds = painter.frame.bounds
    let index = dashboard.model.index(of: lane) ?? 0
    let figures = comparison.map { self.rows($0, index, painter) }
    let area = OverlayBox.draw(
      title: "two moments of \(lane)", note: bounds.width >= 60 ? "\(Key.left.label)\(Key.right.label) tab choose" : "",
      width: min(116, bounds.width - 2), height: min((figures?.count ?? 20) + 3, bounds.height - 2), on: &painter)
    guard !area.isEmpty else { return }
    guard let comparison, let rows = figures else {
      let words = failure ?? "the checkpoints are being compared"
      for (row, line) in TextWrap.lines(words, width: area.width).prefix(area.height).enumerated() {
        painter.text(line, x: area.x, y: area.y + row, failure == nil ? .faint : .warning, maxWidth: area.width)
      }
      return
    }
    // On the smallest screens the newer side stands beside the titles.
    let isTiny = area.width < 26
    let columns = [
      TableColumn("", priority: 6, minimumWidth: isTiny ? 6 : 8),
      TableColumn(heading(0, comparison, isShort: isTiny), alignment: .trailing, priority: 4),
      TableColumn(heading(1, comparison, isShort: isTiny), alignment: .trailing, priority: 5),
      TableColumn("difference", alignment: .trailing, priority: 3),
    ]
    let height = max(1, area.height - 1)
    let first = position.firstRow(count: rows.count, height: height)
    let table = Table(columns: columns, rows: rows, offset: first)
    table.render(into: &painter.frame, area: area, theme: painter.theme, glyphs: painter.glyphs)
    // The active side is marked in the headings.
    let isScrolled = rows.count > height
    let widths = table.widths(in: area.width - (isScrolled ? 2 : 0))
    var x = area.x
    for (column, width) in widths.enumerated() {
      guard let width else { continue }
      if column == 1 || column == 2 {
        let heading = Rect(x: x, y: area.y, width: width, height: 1)
        painter.hits.add(heading, .row(column - 1))
        if column - 1 == side { painter.frame.highlight(heading, theme: painter.theme, isFocused: true) }
      }
      x += width + 2
    }
  }

  private func heading(_ side: Int, _ comparison: MomentsComparison, isShort: Bool) -> String {
    let moment = side == 0 ? comparison.first : comparison.second
    if isShort { return "@\(NumberFormat.grouped(moment.place.step))" }
    let branch = moment.place.branch == 1 ? "" : ", branch \(moment.place.branch)"
    return "step \(NumberFormat.grouped(moment.place.step))\(branch)"
  }

  private func rows(_ comparison: MomentsComparison, _ index: Int, _ painter: Painter) -> [[[StyledText]]] {
    let (a, b) = (comparison.first, comparison.second)
    var rows: [[[StyledText]]] = []
    func add(_ title: String, _ first: String, _ second: String, _ difference: String = "", _ role: ThemeRole = .text) {
      rows.append([
        [painter.piece(title, .faint)], [painter.piece(first)], [painter.piece(second)],
        [painter.piece(difference, role, .bold)],
      ])
    }
    func head(_ title: String, _ note: String = "") {
      rows.append([
        [StyledText(title, painter.style(lane: index, .bold))], [], [], [painter.piece(note, .strong)],
      ])
    }
    func figure(
      _ title: String, _ first: Double?, _ second: Double?, _ format: (Double?) -> String, decimals: Int,
      scale: Double = 1
    ) {
      guard first != nil || second != nil else { return }
      var difference = ""
      if let first, let second { difference = Figure.signed((second - first) * scale, decimals: decimals) }
      add(title, format(first), format(second), difference)
    }
    add("epoch", NumberFormat.fixed(a.epoch, decimals: 2), NumberFormat.fixed(b.epoch, decimals: 2))
    figure("training loss", a.trainLoss, b.trainLoss, Figure.value, decimals: 4)
    figure("accuracy", a.validationAccuracy, b.validationAccuracy, Figure.percent, decimals: 2, scale: 100)
    figure(
      "loss, \(LaneDiagnostics.batchSize) images", a.diagnostics.batch?.loss, b.diagnostics.batch?.loss, Figure.value,
      decimals: 4)
    for setting in a.hyperparameters {
      let other = b.hyperparameters.first { $0.hyperparameter == setting.hyperparameter }?.value
      guard other != setting.value else { continue }
      add(
        setting.hyperparameter.specification.title, "\(setting.value)", other.map { "\($0)" } ?? Figure.unknown,
        "changed",
        .accent)
    }
    let all = comparison.layers.reduce(into: (0, 0)) { ($0.0, $0.1) = ($0.0 + $1.weights, $0.1 + $1.differing) }
    if all.0 > 0 {
      add("other signs", "", NumberFormat.grouped(all.1), share(all.1, of: all.0), .accent)
    }
    for layer in b.diagnostics.layers {
      let former = a.diagnostics.layers.first { $0.name == layer.name }
      head(Figures.shortName(layer.name))
      if let distance = comparison.layers.first(where: { $0.name == layer.name }) {
        add(
          "  other signs", "", NumberFormat.grouped(distance.differing),
          share(distance.differing, of: distance.weights),
          .accent)
      }
      func of(_ title: String, _ value: (LayerDiagnostics) -> Double?, isShare: Bool = false) {
        figure(
          "  " + title, former.flatMap(value), value(layer), isShare ? Figure.percent : Figure.value,
          decimals: isShare ? 2 : 4, scale: isShare ? 100 : 1)
      }
      of("share of +1", { $0.weights?.plusShare ?? $0.activations?.plusShare }, isShare: true)
      of("entropy", { $0.weights?.meanEntropy })
      of("alignment", { $0.weights?.alignment })
      of("at clip", { $0.weights?.clippedShare }, isShare: true)
      of("unflipped", { $0.weights?.neverFlippedShare }, isShare: true)
      of("dead units", { $0.activations?.deadShare }, isShare: true)
      of("closed gates", { $0.activations?.closedShare }, isShare: true)
      of("lag", { $0.lag?.mean })
      of("gradient norm", { $0.gradientNorm })
    }
    return rows
  }

  private func share(_ count: Int, of total: Int) -> String { Figure.percent(Double(count) / Double(max(1, total))) }
}

extension Dashboard {
  /// `:moments [LANE] [STEP STEP]`: compares two checkpoints of the named lane, otherwise of the selected one. Without steps
  /// they are the one before the selected moment or the first one, and the newest.
  mutating func compareMoments(_ argument: String?) {
    guard !model.lanes.isEmpty else { return say("the lanes are not ready yet") }
    var words = (argument ?? "").split(separator: " ").map(String.init)
    let moment = live.view.moment(viewContext)
    var lane = moment?.lane ?? model.lanes[viewContext.chosenLane].name
    if let first = words.first, model.index(of: first) != nil || Int(first) == nil {
      guard model.index(of: first) != nil else { return say("moments: \(unknownLane(first))", .warning) }
      lane = first
      words.removeFirst()
    }
    let all = MomentsBoard.checkpoints(of: lane, in: self)
    guard words.isEmpty || words.count == 2 else {
      return say("moments: expected [LANE] [STEP STEP], found “\(argument ?? "")”", .warning)
    }
    var chosen: [MomentsRequest.Place] = []
    for word in words {
      guard let step = Int(word.filter { $0 != "," }), let place = all.last(where: { $0.step == step }) else {
        let steps = all.map { NumberFormat.grouped($0.step) }.joined(separator: " ")
        return say("moments: expected checkpoints of \(lane) (steps \(steps)), found “\(word)”", .warning)
      }
      chosen.append(place)
    }
    guard let first = all.first, let last = all.last, all.count >= 2 else {
      return say("\(lane) has \(all.count == 1 ? "one checkpoint" : "no checkpoint"): two are compared", .warning)
    }
    if chosen.isEmpty {
      let before = moment.flatMap { moment in all.last { $0.step <= moment.step && $0 != last } }
      chosen = [before ?? first, last]
    }
    var board = MomentsBoard(lane: lane, chosen[0], chosen[1])
    board.compare(&self)
    open(board)
  }
}
