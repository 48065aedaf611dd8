import EngineProtocol
import TerminalUI
import TrainingMetrics

extension LaneModel {
  /// The unit of an axis of epochs or steps of this lane's charts. After a change of the batch size, epochs differ in their
  /// number of steps, so the axis shows steps.
  func stepUnit(_ axis: ChartView.Axis) -> StepUnit {
    guard axis != .steps, let steps = snapshot?.stepsPerEpoch, steps > 0 else { return .steps }
    let isUneven = journal.contains { entry in
      if case .set(.batchSize, _, _) = entry.change { true } else { false }
    }
    return isUneven ? .steps : .epochs(stepsPerEpoch: steps)
  }

  /// The undone curves of a metric, drawn behind the current one as dim, sparse dots.
  func ghosts(_ metric: Metric, layer: String? = nil, of color: Color, _ theme: Theme, smoothing: Double = 0)
    -> [ChartSeries]
  {
    let key = MetricKey(metric, layer: layer)
    return ghosts.compactMap { $0.series[key] }.map { series in
      ChartSeries(
        series, color: theme.dimmed(color, by: 0.4), smoothing: smoothing, showsBand: false, stroke: .sparse)
    }
  }

  /// The same for the accuracy with latent weights.
  func latentGhosts(of color: Color, _ theme: Theme) -> [ChartSeries] {
    ghosts.map(\.latentAccuracy).filter { $0.count > 0 }.map { series in
      ChartSeries(series, color: theme.dimmed(color, by: 0.65), showsBand: false, stroke: .sparse)
    }
  }

  /// Marks of the changes in this lane's current history, without those of undone branches.
  func markers(color: Color, noteColor: Color) -> [ChartMarker] {
    journal.compactMap { entry -> ChartMarker? in
      var isChange = true
      switch entry.change {
      case .forked, .rewound, .noted: isChange = false
      case .set, .paused, .resumed, .stepped, .runsToEpoch, .stopped: break
      }
      guard history.holds(branch: entry.branch, step: entry.step, isChange: isChange) else { return nil }
      return switch entry.change {
      // Setting a value to itself changes nothing.
      case .set(_, let old, let new) where old == new: nil
      case .set(let hyperparameter, _, let new):
        ChartMarker(step: entry.step, label: "\(hyperparameter.shortTitle) \(new)", color: color)
      case .stopped: ChartMarker(step: entry.step, label: "stopped", color: color)
      case .rewound: ChartMarker(step: entry.step, label: "rewound", color: color)
      case .forked(let name): ChartMarker(step: entry.step, label: "→ \(name)", color: color)
      case .noted(let text): ChartMarker(step: entry.step, label: truncated(text, width: 24), color: noteColor)
      case .paused, .resumed, .stepped, .runsToEpoch: nil
      }
    }
  }
}

extension Hyperparameter {
  /// A short name, for marks and narrow screens.
  var shortTitle: String {
    specification.shortTitle ?? specification.title
  }
}

extension FlipStatistics {
  /// The combined statistics of several layers.
  static func total(_ layers: [FlipStatistics]) -> FlipStatistics {
    var total = FlipStatistics(layer: "", weights: 0)
    for layer in layers {
      total.weights += layer.weights
      total.totalFlips += layer.totalFlips
      if layer.weightsByFlips.count > total.weightsByFlips.count {
        total.weightsByFlips += Array(
          repeating: 0, count: layer.weightsByFlips.count - total.weightsByFlips.count)
      }
      for (flips, count) in layer.weightsByFlips.enumerated() { total.weightsByFlips[flips] += count }
    }
    return total
  }

  /// One bar per row: the number of weights that have never flipped, flipped once, twice, ...; the last bar includes
  /// all higher counts.
  ///
  /// If the counts exceed the number of rows, the later bars are ranges that double: `4-7`.
  func bars(rows: Int) -> [BarChart.Bar] {
    let counts = weightsByFlips
    guard rows > 0, let last = counts.lastIndex(where: { $0 > 0 }) else { return [] }
    var edges = Array(0...min(rows - 1, last))
    if last >= rows, rows >= 5 {
      edges = [0, 1, 2]
      while edges.count < rows, edges[edges.count - 1] * 2 <= last { edges.append(edges[edges.count - 1] * 2) }
    }
    return edges.enumerated().map { place, first in
      let isLast = place == edges.count - 1
      let end = isLast ? counts.count : edges[place + 1]
      let count = counts[first..<max(first, end)].reduce(0, +)
      let isOpen = isLast && counts.count - 1 > first
      let label = isOpen ? "\(first)+" : end - first > 1 ? "\(first)–\(end - 1)" : "\(first)"
      return BarChart.Bar(label, Double(count))
    }
  }
}

extension Histogram {
  /// The sum of histograms with the same interval as the first one.
  static func sum(_ histograms: [Histogram]) -> Histogram? {
    guard var sum = histograms.first else { return nil }
    for next in histograms.dropFirst()
    where next.counts.count == sum.counts.count && next.lowerBound == sum.lowerBound
      && next.upperBound == sum.upperBound
    {
      for (bin, count) in next.counts.enumerated() { sum.counts[bin] += count }
    }
    return sum
  }
}

extension LaneSnapshot.State {
  /// Whether the lane is training, validating or testing.
  var isWorking: Bool { self == .training || self == .validating || self == .testing }

  /// A symbol, a word and a colour for a state.
  func sign(_ glyphs: GlyphSet) -> (glyph: String, word: String, role: ThemeRole) {
    switch self {
    case .training: (String(glyphs.playing), "training", .good)
    case .validating: (String(glyphs.playing), "validating", .good)
    case .testing: (String(glyphs.playing), "testing", .good)
    case .paused: (String(glyphs.paused), "paused", .warning)
    case .waiting: (String(glyphs.paused), "waiting", .accent)
    case .finished: (String(glyphs.finished), "finished", .good)
    case .stopped: (String(glyphs.stopped), "stopped", .warning)
    case .failed: (String(glyphs.failed), "failed", .bad)
    }
  }
}

extension LaneModel {
  /// The maximum width of the word, so that what follows keeps its position.
  func signWidth(_ glyphs: GlyphSet) -> Int {
    let widest = absence == nil && state.isWorking ? LaneSnapshot.State.validating.sign(glyphs) : sign(glyphs)
    return displayWidth(widest.word)
  }

  /// A symbol, a word and a colour for the lane's state: as its engine says, unless that is gone.
  func sign(_ glyphs: GlyphSet) -> (glyph: String, word: String, role: ThemeRole) {
    // An interrupted lane is shown as stopped; one that has ended has a result.
    guard let absence, result == nil else { return state.sign(glyphs) }
    return switch absence {
    case .lost: (String(glyphs.failed), "no engine", .warning)
    case .suspended: (String(glyphs.paused), "suspended", .warning)
    case .resuming: (String(glyphs.separator), "resuming", .accent)
    }
  }
}
