/// The current state of a run. Each snapshot replaces the previous one; what must not be lost is sent as events.
package struct Snapshot: Hashable, Sendable {
  /// The phase of the engine.
  package var phase: Phase
  /// Seconds since the lanes started, without time in which all lanes were paused.
  package var seconds: Double
  /// The lanes, in the order of `RunDescription.lanes`.
  package var lanes: [LaneSnapshot]
  /// The size of the run's directory; nil if the run is not recorded.
  package var storage: Storage?
  /// How many clients are connected to the engine's process.
  package var clients: Int
  /// The progress of a download; nil if none is running.
  package var download: Download?
  /// A lane that is being packed, timed or exported; nil if none is.
  package var deployment: Deployment?
  /// The machine; nil if the engine does not report it.
  package var machine: MachineState?

  /// What the engine is doing.
  package enum Phase: Hashable, Sendable {
    /// No run was started.
    case idle
    /// A run is being prepared.
    case preparing(Stage)
    /// Lanes are training or paused.
    case training
    /// Every lane has ended.
    case finished
    /// Nothing could be started, or the run was lost, with the reason.
    case failed(String)
  }

  /// A stage of preparation before the lanes train.
  package struct Stage: Hashable, Sendable {
    /// The stages in order.
    package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
      /// Reading and checking the request: an experiment, or the directory of a run.
      case request
      /// Reading the data set.
      case dataset
      /// Fitting the networks to the images.
      case networks
      /// Preparing the images for the networks.
      case images
      /// Reading the checkpoints of a recorded run.
      case checkpoints
    }

    /// The kind of stage; nil if the engine does not report it.
    package var kind: Kind?
    /// The stage for display: “reading MNIST”.
    package var words: String

    /// A stage.
    package init(_ kind: Kind?, _ words: String) {
      self.kind = kind
      self.words = words
    }
  }

  /// The state of a run.
  package init(
    phase: Phase = .idle, seconds: Double = 0, lanes: [LaneSnapshot] = [], storage: Storage? = nil, clients: Int = 0,
    download: Download? = nil, deployment: Deployment? = nil, machine: MachineState? = nil
  ) {
    self.machine = machine
    self.phase = phase
    self.seconds = seconds
    self.lanes = lanes
    self.storage = storage
    self.clients = clients
    self.download = download
    self.deployment = deployment
  }

  /// The progress of a download.
  package struct Download: Hashable, Codable, Sendable {
    /// The data set.
    package var dataset: String
    /// Bytes received of all files.
    package var received: Int
    /// Total bytes; nil if unknown.
    package var total: Int?
    /// Speed; nil if unknown.
    package var bytesPerSecond: Double?
    /// The current activity, in one line.
    package var note: String

    /// The progress of a download.
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

  /// The progress of work on a copy of a lane: packing, timing, exporting, classifying.
  package struct Deployment: Hashable, Codable, Sendable {
    /// The lane's name.
    package var lane: String
    /// The work.
    package var work: DeploymentFailure.Work
    /// The current activity for display: “comparing”.
    package var note: String
    /// The fraction of the activity that is done, 0...1; nil if unknown.
    package var progress: Double?
    /// Whether all lanes are held between two batches meanwhile.
    package var holdsTraining: Bool

    /// The progress of work on a lane.
    package init(
      lane: String, work: DeploymentFailure.Work, note: String = "", progress: Double? = nil,
      holdsTraining: Bool = false
    ) {
      self.lane = lane
      self.work = work
      self.note = note
      self.progress = progress
      self.holdsTraining = holdsTraining
    }
  }

  /// The size of a run on disk.
  package struct Storage: Hashable, Codable, Sendable {
    /// Bytes of the run's directory.
    package var bytes: Int
    /// Why writing currently fails; nil if it works. New measurements are kept in memory meanwhile.
    package var problem: String?
    /// Bytes that are free on that disk; nil if unknown, or in a recording.
    package var freeBytes: Int?

    /// The size of a run.
    package init(bytes: Int, problem: String? = nil, freeBytes: Int? = nil) {
      self.freeBytes = freeBytes
      self.bytes = bytes
      self.problem = problem
    }
  }
}

/// Encoded as one word, followed by a colon and details where there are some: “preparing: reading MNIST”. The kind of
/// stage is a separate key of the snapshot.
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

/// Encoded as a JSON object, with the kind of a phase's stage as `stage`.
extension Snapshot: Codable {
  private enum CodingKeys: String, CodingKey {
    case phase, stage, seconds, lanes, storage, clients, download, deployment, machine
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      phase: try container.decode(Phase.self, forKey: .phase),
      seconds: try container.decode(Double.self, forKey: .seconds),
      lanes: try container.decode([LaneSnapshot].self, forKey: .lanes),
      storage: try container.decodeIfPresent(Storage.self, forKey: .storage),
      clients: try container.decode(Int.self, forKey: .clients),
      download: try container.decodeIfPresent(Download.self, forKey: .download),
      deployment: try container.decodeIfPresent(Deployment.self, forKey: .deployment),
      machine: try container.decodeIfPresent(MachineState.self, forKey: .machine))
    // A newer engine may report stages that are unknown here; older ones report none.
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
    try container.encodeIfPresent(deployment, forKey: .deployment)
    try container.encodeIfPresent(machine, forKey: .machine)
  }
}
