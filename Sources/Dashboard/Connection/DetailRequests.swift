import EngineProtocol

/// Asks the engine for points as they were measured, where a chart shows few enough of them and the model has a summary.
struct DetailRequests: Hashable, Sendable {
  // Asked for. An answer makes the model ask no longer; one that does not is not waited for again.
  private var asked: Set<PointsRequest> = []
  // An engine that does not tell points, as one of an older version, is not asked again.
  private var isRefused = false

  /// What is to be asked for, so that the charts show points at `steps`. It is not given again while it is wanted.
  mutating func due(_ lanes: [LaneModel], in steps: ClosedRange<Double>) -> [PointsRequest] {
    guard !isRefused else { return [] }
    let shown = Int(max(0, min(steps.lowerBound, 1e15)))...Int(max(0, min(steps.upperBound, 1e15)))
    let wanted = lanes.flatMap { $0.history.coarseStretches(in: shown) }
    let new = wanted.filter { !asked.contains($0) }
    asked = Set(wanted)
    return new
  }

  /// Takes note that the engine has refused to tell points.
  mutating func didRefuse() { isRefused = true }
}

extension Dashboard {
  /// Asks for the points that the charts show, where only a summary of them is known. The whole run is shown as it is.
  mutating func askForPoints() {
    guard live.chart.window != nil, !isInLauncher, model.loss == nil else { return }
    for request in connection.details.due(model.lanes, in: ViewContext.steps(model.lanes, live.chart)) {
      send(.points(request))
    }
  }
}
