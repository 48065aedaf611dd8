package import EngineProtocol
package import TerminalUI
import TrainingMetrics

/// The learning-rate finder: the losses of a copy of a lane while the rate is swept, and the suggested rate, which enter
/// applies. For a lane with Bop it sweeps the flip threshold or gamma.
package struct RateFinder: Overlay {
  /// The lane's name.
  package let lane: String
  /// What is swept; nil for what suits the lane.
  package private(set) var hyperparameter: Hyperparameter?
  /// The curve; nil until it is known.
  package private(set) var curve: RateCurve?
  private var failure: String?
  private var id: CommandID?

  /// A finder, which does nothing before `search`.
  init(lane: String, hyperparameter: Hyperparameter?) { (self.lane, self.hyperparameter) = (lane, hyperparameter) }

  /// Starts the search.
  mutating func search(_ dashboard: inout Dashboard) {
    (curve, failure) = (nil, nil)
    id = dashboard.send(.findRate(RateSearch(lane: lane, hyperparameter: hyperparameter)))
  }

  private var isSearching: Bool { curve == nil && failure == nil }

  // MARK: Events

  package mutating func take(_ event: EngineEvent, _ dashboard: inout Dashboard) {
    switch event {
    case .rateFound(let id, let curve) where id == self.id: self.curve = curve
    case .deploymentFailed(let id, let failure) where id == self.id: self.failure = failure.reason
    case .refused(let id, let reason) where id == self.id: failure = reason
    default: break
    }
  }

  package mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    switch key {
    case .escape, .character("q"), .character("V"): return cancel(&dashboard)
    case .enter:
      guard let curve, let suggestion = curve.suggestion, let index = dashboard.model.index(of: lane) else { break }
      if let obstacle = dashboard.obstacle(to: .set) {
        dashboard.say(obstacle, .warning)
        break
      }
      dashboard.set(curve.hyperparameter, to: .number(suggestion.value), in: .lane(index))
      return .closes
    case .tab:
      let others = Self.choices(in: dashboard, lane)
      guard others.count > 1, !isSearching, let now = curve?.hyperparameter ?? hyperparameter ?? others.first,
        let place = others.firstIndex(of: now)
      else { break }
      hyperparameter = others[(place + 1) % others.count]
      search(&dashboard)
    case .character("r"): if !isSearching { search(&dashboard) }
    default: break
    }
    return .stays
  }

  package mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate {
    if isSearching { dashboard.send(.cancelDeployment) }
    return .closes
  }

  /// What can be swept in a lane.
  static func choices(in dashboard: Dashboard, _ lane: String) -> [Hyperparameter] {
    guard let index = dashboard.model.index(of: lane) else { return [] }
    return [.flipThreshold, .gamma, .learningRate].filter { dashboard.model.lanes[index].value(of: $0) != nil }
  }

  package func hints(_ dashboard: Dashboard) -> [Footer.Hint] {
    var hints: [Footer.Hint] = []
    if curve?.suggestion != nil, dashboard.hasEngine { hints.append(.key(.enter, "apply")) }
    if !isSearching { hints.append(.key(.character("r"), "again")) }
    if Self.choices(in: dashboard, lane).count > 1, !isSearching { hints.append(.key(.tab, "other knob")) }
    return hints + [.key(.escape, isSearching ? "cancel" : "leave")]
  }

  // MARK: Drawing

  package mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    let bounds = painter.frame.bounds
    let index = dashboard.model.index(of: lane) ?? 0
    let title = (curve?.hyperparameter ?? hyperparameter).map { "\($0.specification.title) of \(lane)" }
    let area = OverlayBox.draw(
      title: title ?? "find a rate for \(lane)",
      note: bounds.width >= 60 ? "on a copy: the lane is not changed" : "", width: min(110, bounds.width - 2),
      height: min(32, bounds.height - 2), on: &painter)
    guard !area.isEmpty else { return }
    guard let curve else { return drawProgress(in: area, dashboard, on: &painter) }
    var words = TextWrap.sentences(curve.words, width: area.width, height: max(1, area.height / 3))
    if words.isEmpty { words = [Self.shortWords(curve)] }
    drawCurve(curve, in: area.inset(bottom: words.count), index, on: &painter)
    for (row, line) in words.enumerated() {
      painter.text(
        line, x: area.x, y: area.maxY - words.count + row, row == 0 && curve.suggestion != nil ? .good : .text,
        row == 0 ? .bold : [], maxWidth: area.width)
    }
  }

  // “lr 3e-3, now 1e-3”, for the smallest screens.
  private static func shortWords(_ curve: RateCurve) -> String {
    let suggestion = curve.suggestion.map { "\(HyperparameterValue.number($0.value))" } ?? Figure.unknown
    return "\(curve.hyperparameter.shortTitle) \(suggestion), now \(HyperparameterValue.number(curve.current))"
  }

  private func drawProgress(in area: Rect, _ dashboard: Dashboard, on painter: inout Painter) {
    var lines: [(String, ThemeRole)] = []
    if let failure {
      lines = TextWrap.lines(failure, width: area.width).map { ($0, .warning) }
    } else {
      let work = dashboard.model.snapshot.deployment
      let isMine = work?.work == .searching
      let share = isMine ? work?.progress.map { " \(NumberFormat.percent($0, decimals: 0))" } ?? "" : ""
      let note = isMine ? work?.note ?? "" : "waiting for the engine"
      lines = [("\(note.isEmpty ? "waiting for the engine" : note)\(share)", .accent)]
      lines += TextWrap.lines(
        "All lanes are held between two batches meanwhile, and go on after that. esc cancels.", width: area.width
      ).map { ($0, .faint) }
    }
    let top = max(0, (area.height - lines.count) / 2)
    for (row, line) in lines.prefix(area.height).enumerated() {
      painter.centered([painter.piece(line.0, line.1)], in: area.row(top + row))
    }
  }

  private func drawCurve(_ curve: RateCurve, in area: Rect, _ index: Int, on painter: inout Painter) {
    guard area.height >= 3, area.width >= 16 else { return }
    let values = curve.values
    func series(_ losses: [Double]) -> MetricSeries {
      MetricSeries(losses.enumerated().map { MetricPoint(step: $0.offset, value: Float($0.element)) })
    }
    let color = painter.theme.laneColor(index)
    var chart = LineChart(
      series: [
        ChartSeries(
          series(curve.losses), color: painter.theme.dimmed(color, by: 0.55), showsBand: false, stroke: .sparse),
        ChartSeries(series(curve.smoothed), color: color, showsBand: false),
      ], steps: 0...Double(max(1, values.count - 1)), showsLegend: false, background: .background)
    // The divergence itself would hide everything else.
    let finite = curve.smoothed.filter(\.isFinite)
    if let least = finite.min(), let first = finite.first {
      chart.yRange = min(least, first) * 0.9...max(least, first) * 1.5
    }
    func place(of value: Double) -> Int? {
      values.indices.min { abs(Self.logarithm(values[$0] / value)) < abs(Self.logarithm(values[$1] / value)) }
    }
    if let suggestion = curve.suggestion, let place = place(of: suggestion.value) {
      chart.markers.append(
        ChartMarker(
          step: place, label: "\(HyperparameterValue.number(suggestion.value))", color: painter.theme[.good]))
    }
    if let diverged = curve.divergedAt, let place = place(of: diverged) {
      chart.markers.append(ChartMarker(step: place, label: "diverged", color: painter.theme[.bad]))
    }
    if let first = values.first, let last = values.last, min(first, last)...max(first, last) ~= curve.current,
      let place = place(of: curve.current)
    {
      chart.markers.append(ChartMarker(step: place, label: "now", color: painter.theme[.warning]))
    }
    chart.markers.sort { $0.step < $1.step }
    let layout = chart.render(
      into: &painter.frame, area: area.inset(bottom: 1), theme: painter.theme, glyphs: painter.glyphs)
    drawValues(values, under: layout.plot, y: area.maxY - 1, on: &painter)
  }

  // The values below the numbers of the updates: the first, the last, and those between that fit.
  private func drawValues(_ values: [Double], under plot: Rect, y: Int, on painter: inout Painter) {
    guard values.count > 1, plot.width > 8 else { return }
    let parts = max(1, min(6, plot.width / 14))
    for part in 0...parts {
      let place = part * (values.count - 1) / parts
      let text = NumberFormat.scientific(values[place], digits: 2)
      let x =
        plot.x + part * (plot.width - 1) / parts
        - (part == 0 ? 0 : part == parts ? displayWidth(text) - 1 : displayWidth(text) / 2)
      painter.text(text, x: x, y: y, .faint)
    }
  }

  // A monotone stand-in for the logarithm, which only needs to compare distances of ratios.
  private static func logarithm(_ ratio: Double) -> Double {
    guard ratio > 0, ratio.isFinite else { return .infinity }
    return ratio >= 1 ? ratio - 1 : 1 - 1 / ratio
  }
}

extension Dashboard {
  /// `:find-rate [LANE] [KEY]`: searches for a rate of the named lane, otherwise of the one in focus or the first binary
  /// one.
  mutating func findRate(_ argument: String?) {
    guard !model.lanes.isEmpty else { return say("the lanes are not ready yet") }
    var words = (argument ?? "").split(separator: " ").map(String.init)
    var lane = model.lanes[viewContext.chosenLane].name
    if let first = words.first, Hyperparameter(rawValue: first) == nil || model.index(of: first) != nil {
      guard model.index(of: first) != nil else { return say("find-rate: \(unknownLane(first))", .warning) }
      lane = first
      words.removeFirst()
    }
    let choices = RateFinder.choices(in: self, lane)
    var knob: Hyperparameter?
    if let name = words.first {
      guard let found = choices.first(where: { $0.rawValue == name }) else {
        let names = choices.map(\.rawValue).joined(separator: ", ")
        return say("find-rate: expected one of \(names), found “\(name)”", .warning)
      }
      knob = found
    }
    var finder = RateFinder(lane: lane, hyperparameter: knob)
    finder.search(&self)
    open(finder)
  }
}
