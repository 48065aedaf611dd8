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
  /// The data set that is being downloaded; nil where none is.
  package var download: Download?

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
    phase: Phase = .idle, seconds: Double = 0, lanes: [LaneSnapshot] = [], storage: Storage? = nil, clients: Int = 0,
    download: Download? = nil
  ) {
    self.phase = phase
    self.seconds = seconds
    self.lanes = lanes
    self.storage = storage
    self.clients = clients
    self.download = download
  }

  /// How far a download is.
  package struct Download: Hashable, Codable, Sendable {
    /// The data set.
    package var dataset: String
    /// How many bytes have come of all its files.
    package var received: Int
    /// How many there will be; nil where nobody says so.
    package var total: Int?
    /// How fast they come; nil where it is not known.
    package var bytesPerSecond: Double?
    /// What is being done, in a line.
    package var note: String

    /// How far a download is.
    package init(
      dataset: String, received: Int = 0, total: Int? = nil, bytesPerSecond: Double? = nil, note: String = ""
    ) {
      self.dataset = dataset
      self.received = received
      self.total = total
      self.bytesPerSecond = bytesPerSecond
      self.note = note
    }
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

/// One word; where there is more to say, it follows a colon: “preparing: reading MNIST”.
extension Snapshot.Phase: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let plain: [Self] = [.idle, .training, .finished]
    if let phase = plain.first(where: { $0.text == text }) {
      self = phase
    } else if text.hasPrefix("preparing: ") {
      self = .preparing(String(text.dropFirst("preparing: ".count)))
    } else if text.hasPrefix("failed: ") {
      self = .failed(String(text.dropFirst("failed: ".count)))
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown phase “\(text)”")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  private var text: String {
    switch self {
    case .idle: "idle"
    case .preparing(let words): "preparing: \(words)"
    case .training: "training"
    case .finished: "finished"
    case .failed(let words): "failed: \(words)"
    }
  }
}
