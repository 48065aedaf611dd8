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

  /// The marks of this lane's changed hyperparameters.
  func markers(color: Color) -> [ChartMarker] {
    journal.compactMap { entry in
      switch entry.change {
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
    switch self {
    case .learningRate: "lr"
    case .finalLearningRate: "final lr"
    case .momentum: "mom"
    case .beta1: "β1"
    case .beta2: "β2"
    case .weightDecay: "decay"
    case .inputDropout: "drop in"
    case .dropout: "drop"
    case .batchSize: "batch"
    case .clipValue: "clip"
    case .steWindow: "STE"
    case .binarization: "bin"
    case .batchNormalizationMomentum: "BN mom"
    case .epochs: "epochs"
    }
  }
}
