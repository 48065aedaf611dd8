import EngineProtocol
import TerminalUI
import TrainingMetrics

extension LaneModel {
  /// What the horizontal axis of this lane's charts counts. Once the batch size was changed an epoch has no fixed
  /// number of steps, and the axis counts those.
  func stepUnit(_ axis: ChartView.Axis) -> StepUnit {
    guard axis == .epochs, let steps = snapshot?.stepsPerEpoch, steps > 0 else { return .steps }
    let isUneven = journal.contains { entry in
      if case .set(.batchSize, _, _) = entry.change { true } else { false }
    }
    return isUneven ? .steps : .epochs(stepsPerEpoch: steps)
  }

  /// What rewinds have left behind of a metric's curve, to stand behind the live one: dim, in sparse dots.
  func ghosts(_ metric: Metric, layer: String? = nil, of color: Color, _ theme: Theme, smoothing: Double = 0)
    -> [ChartSeries]
  {
    let key = MetricKey(metric, layer: layer)
    return ghosts.compactMap { $0.series[key] }.map { series in
      ChartSeries(
        series, color: theme.dimmed(color, by: 0.4), smoothing: smoothing, showsBand: false, stroke: .sparse)
    }
  }

  /// The same of the accuracy with latent weights.
  func latentGhosts(of color: Color, _ theme: Theme) -> [ChartSeries] {
    ghosts.map(\.latentAccuracy).filter { $0.count > 0 }.map { series in
      ChartSeries(series, color: theme.dimmed(color, by: 0.65), showsBand: false, stroke: .sparse)
    }
  }

  /// The marks of the changes on this lane's present course; those of a course left behind are no longer true.
  func markers(color: Color) -> [ChartMarker] {
    journal.compactMap { entry -> ChartMarker? in
      var isChange = true
      switch entry.change {
      case .forked, .rewound: isChange = false
      case .set, .paused, .resumed, .stepped, .runsToEpoch, .stopped: break
      }
      guard history.holds(branch: entry.branch, step: entry.step, isChange: isChange) else { return nil }
      return switch entry.change {
      // A value that was set to itself has changed nothing.
      case .set(_, let old, let new) where old == new: nil
      case .set(let hyperparameter, _, let new):
        ChartMarker(step: entry.step, label: "\(hyperparameter.shortTitle) \(new)", color: color)
      case .stopped: ChartMarker(step: entry.step, label: "stopped", color: color)
      case .rewound: ChartMarker(step: entry.step, label: "rewound", color: color)
      case .forked(let name): ChartMarker(step: entry.step, label: "→ \(name)", color: color)
      case .paused, .resumed, .stepped, .runsToEpoch: nil
      }
    }
  }
}

extension Hyperparameter {
  /// A name of few columns, for marks and narrow screens.
  var shortTitle: String {
    specification.shortTitle ?? specification.title
  }
}
