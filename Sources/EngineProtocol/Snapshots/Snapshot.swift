/// How a run stands now. The newest snapshot replaces the one before; what must not be lost comes as events.
package struct Snapshot: Hashable, Codable, Sendable {
  /// How the engine stands.
  package var phase: Phase
  /// Seconds since the lanes started, without the time in which all were paused.
  package var seconds: Double
  /// The lanes, in the order of `RunDescription.lanes`.
  package var lanes: [LaneSnapshot]
  /// What is written to the run's directory; nil where the run is not recorded.
  package var storage: Storage?
  /// How many clients are connected to the engine's process.
  package var clients: Int

  /// What the engine is doing.
  package enum Phase: Hashable, Sendable {
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
  package init(
    phase: Phase = .idle, seconds: Double = 0, lanes: [LaneSnapshot] = [], storage: Storage? = nil, clients: Int = 0
  ) {
    self.phase = phase
    self.seconds = seconds
    self.lanes = lanes
    self.storage = storage
    self.clients = clients
  }

  /// What a run takes on the disk.
  package struct Storage: Hashable, Codable, Sendable {
    /// Bytes of the run's directory.
    package var bytes: Int
    /// Why nothing can be written at the moment; nil where all is well. What is measured meanwhile is kept in memory.
    package var problem: String?

    /// What a run takes.
    package init(bytes: Int, problem: String? = nil) {
      self.bytes = bytes
      self.problem = problem
    }
  }
}
