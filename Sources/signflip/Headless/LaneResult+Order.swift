import EngineProtocol

extension [LaneResult] {
  /// The results in the order of the lanes' names: lanes end as they please.
  func ordered(as lanes: [String]) -> [LaneResult] {
    sorted { (lanes.firstIndex(of: $0.lane) ?? 0) < (lanes.firstIndex(of: $1.lane) ?? 0) }
  }
}
