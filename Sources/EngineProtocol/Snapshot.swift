/// How a run stands now. The newest snapshot replaces the one before; what must not be lost comes as events.
package struct Snapshot: Hashable, Codable, Sendable {
  /// How the engine stands.
  package var phase: Phase
  /// Seconds since the lanes started, without the time in which all were paused.
  package var seconds: Double
  /// The lanes, in the order of `RunDescription.lanes`.
  package var lanes: [LaneSnapshot]

  /// What the engine is doing.
  package enum Phase: Hashable, Codable, Sendable {
    /// Nothing was started.
    case idle
    /// Data and networks are made ready; the words say what: “reading MNIST”.
    case preparing(String)
    /// Lanes train or are paused.
    case training
    /// Every lane has ended.
    case finished
    /// Nothing could be started, or all is lost: the words say why.
    case failed(String)
  }

  /// How a run stands.
  package init(phase: Phase = .idle, seconds: Double = 0, lanes: [LaneSnapshot] = []) {
    self.phase = phase
    self.seconds = seconds
    self.lanes = lanes
  }
}
