import EngineProtocol

/// Requests points at full resolution when a chart shows so few of them that a summary would be visible.
struct DetailRequests: Hashable, Sendable {
  // Requests made. After an answer they are no longer needed; without one they are not repeated.
  private var asked: Set<PointsRequest> = []
  // An older engine refuses requests for points, and is not asked again.
  private var isRefused = false

  /// Returns the requests for charts that show `steps`, without those already made.
  mutating func due(_ lanes: [LaneModel], in steps: ClosedRange<Double>) -> [PointsRequest] {
    guard !isRefused else { return [] }
    let shown = Int(max(0, min(steps.lowerBound, 1e15)))...Int(max(0, min(steps.upperBound, 1e15)))
    let wanted = lanes.flatMap { $0.history.coarseStretches(in: shown) }
    let new = wanted.filter { !asked.contains($0) }
    asked = Set(wanted)
    return new
  }

  /// Records that the engine refuses requests for points.
  mutating func didRefuse() { isRefused = true }
}

extension Dashboard {
  /// Requests the points that the charts show if only a summary is known. The whole run is shown from the summary.
  mutating func askForPoints() {
    guard live.chart.window != nil, !isInLauncher, model.loss == nil else { return }
    for request in connection.details.due(model.lanes, in: ViewContext.steps(model.lanes, live.chart)) {
      send(.points(request))
    }
  }
}
