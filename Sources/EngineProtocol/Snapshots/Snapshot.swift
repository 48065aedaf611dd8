/// The present state of a run. Each snapshot replaces the one before; what must not be lost comes as events.
package struct Snapshot: Hashable, Sendable {
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
    /// The run is prepared.
    case preparing(Stage)
    /// Lanes train or are paused.
    case training
    /// Every lane has ended.
    case finished
    /// Nothing could be started, or everything is lost, for this reason.
    case failed(String)
  }

  /// What is prepared before the lanes train.
  package struct Stage: Hashable, Sendable {
    /// The stages, in their order.
    package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
      /// What was asked for is read and checked: an experiment, or the directory of a run.
      case request
      /// The data set is read.
      case dataset
      /// The networks are fitted to the images.
      case networks
      /// The images are prepared for the networks.
      case images
      /// The checkpoints of a recorded run are read.
      case checkpoints
    }

    /// Which stage it is; nil where the engine does not say.
    package var kind: Kind?
    /// The stage in words, for people: “reading MNIST”.
    package var words: String

    /// A stage.
    package init(_ kind: Kind?, _ words: String) {
      self.kind = kind
      self.words = words
    }
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

  /// The size of a run on disk.
  package struct Storage: Hashable, Codable, Sendable {
    /// Bytes of the run's directory.
    package var bytes: Int
    /// Why nothing can be written at the moment; nil if writing works. New measurements are kept in memory meanwhile.
    package var problem: String?

    /// The size of a run.
    package init(bytes: Int, problem: String? = nil) {
      self.bytes = bytes
      self.problem = problem
    }
  }
}

/// One word; where there is more to say, it follows a colon: “preparing: reading MNIST”. Which stage that is stands
/// beside it in the snapshot.
extension Snapshot.Phase: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let plain: [Self] = [.idle, .training, .finished]
    if let phase = plain.first(where: { $0.text == text }) {
      self = phase
    } else if text.hasPrefix("preparing: ") {
      self = .preparing(Snapshot.Stage(nil, String(text.dropFirst("preparing: ".count))))
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
    case .preparing(let stage): "preparing: \(stage.words)"
    case .training: "training"
    case .finished: "finished"
    case .failed(let words): "failed: \(words)"
    }
  }
}

/// Its fields by name, and the kind of a phase's stage as `stage`.
extension Snapshot: Codable {
  private enum CodingKeys: String, CodingKey {
    case phase, stage, seconds, lanes, storage, clients, download
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      phase: try container.decode(Phase.self, forKey: .phase),
      seconds: try container.decode(Double.self, forKey: .seconds),
      lanes: try container.decode([LaneSnapshot].self, forKey: .lanes),
      storage: try container.decodeIfPresent(Storage.self, forKey: .storage),
      clients: try container.decode(Int.self, forKey: .clients),
      download: try container.decodeIfPresent(Download.self, forKey: .download))
    // A newer engine may have stages that are not known here; older ones say none.
    if case .preparing(var stage) = phase, let name = try container.decodeIfPresent(String.self, forKey: .stage) {
      stage.kind = Stage.Kind(rawValue: name)
      phase = .preparing(stage)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(phase, forKey: .phase)
    if case .preparing(let stage) = phase { try container.encodeIfPresent(stage.kind, forKey: .stage) }
    try container.encode(seconds, forKey: .seconds)
    try container.encode(lanes, forKey: .lanes)
    try container.encodeIfPresent(storage, forKey: .storage)
    try container.encode(clients, forKey: .clients)
    try container.encodeIfPresent(download, forKey: .download)
  }
}
