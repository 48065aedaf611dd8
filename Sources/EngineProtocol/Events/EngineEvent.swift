package import TrainingMetrics

/// Something that happened in the engine. Events arrive in order, and none is dropped. The current state is in
/// `Snapshot`.
package enum EngineEvent: Hashable, Sendable {
  /// The answer to `EngineCommand.describeCatalog`, with the command's identifier.
  case catalog(Catalog, CommandID? = nil)
  /// A download has ended: the answer to `EngineCommand.download`.
  case downloadEnded(CommandID, DownloadResult)
  /// A lane was packed: the answer to `EngineCommand.packLane`.
  case lanePacked(CommandID, LanePacking)
  /// The speed of a lane was measured: the answer to `EngineCommand.timeLane`.
  case laneTimed(CommandID, LaneTiming)
  /// A lane was written: the answer to `EngineCommand.exportLane`.
  case laneExported(CommandID, LaneExport)
  /// The layers of a lane were measured: the answer to `EngineCommand.inspectLane`.
  case laneInspected(CommandID, LaneDiagnostics)
  /// The validation images were classified: the answer to `EngineCommand.classifyLane`.
  case laneClassified(CommandID, LanePredictions)
  /// An image was classified by all lanes: the answer to `EngineCommand.answerImage`.
  case imageAnswered(CommandID, ImageAnswers)
  /// A rate was swept on a copy of a lane: the answer to `EngineCommand.findRate`.
  case rateFound(CommandID, RateCurve)
  /// Two checkpoints of a lane were compared: the answer to `EngineCommand.compareMoments`.
  case momentsCompared(CommandID, MomentsComparison)
  /// The weights of a layer were read: the answer to `EngineCommand.readWeights`.
  case weightsRead(CommandID, LayerWeights)
  /// What was asked about a lane could not be answered: its packing, time, export, figures, predictions, rates, moments or
  /// weights.
  case deploymentFailed(CommandID, DeploymentFailure)
  /// Training starts. A reader discards what it knows of an earlier run.
  case started(RunDescription)
  /// A lane was forked. Precedes the lane's first points.
  case laneAdded(RunDescription.Lane)
  /// A lane was rewound and continues in a new branch. Precedes the branch's first points.
  case branched(LaneBranch)
  /// New points of a metric series of a lane's branch.
  case points(lane: String, branch: Int, MetricKey, [MetricPoint])
  /// All points so far of a metric series of a lane's branch, with older ones summarized. Replaces what was sent of the
  /// series before. Sent only to readers that accept summaries.
  case sketch(lane: String, branch: Int, MetricKey, MetricSeries)
  /// The answer to `EngineCommand.points`: the points of the requested steps. Cursors do not count them.
  case stretch(CommandID, PointsRequest, [MetricPoint])
  /// A lane has finished an epoch and validated; before the first step it reports epoch 0.
  case epoch(EpochReport)
  /// The binary layers of a lane at the end of an epoch.
  case layers(LayerReport)
  /// A command took effect in a lane, at the step of the entry.
  case applied(CommandID, JournalEntry)
  /// A command was refused, with the reason.
  case refused(CommandID, String)
  /// A checkpoint was written.
  case checkpointed(Checkpoint)
  /// A checkpoint was deleted, to limit the run's size on disk.
  case checkpointDeleted(lane: String, branch: Int, step: Int)
  /// A message about the run itself for the user.
  case health(HealthReport)
  /// A lane has ended, with this result.
  case laneEnded(LaneResult)
  /// Every lane has ended. A rewind or a fork can restart training.
  case finished
  /// Nothing could be started, or the run was lost, with the reason. Carries the ID of the command that failed.
  case failed(String, CommandID? = nil)
  /// The engine's process has died. Emitted by the client, not by the engine.
  case engineLost(String)

  /// Whether the event only answers a command, and says nothing about the run. It is neither recorded nor sent to clients
  /// that connect later.
  package var isAnswerAlone: Bool {
    switch self {
    case .catalog, .downloadEnded, .refused, .stretch, .lanePacked, .laneTimed, .laneExported, .laneInspected,
      .laneClassified, .imageAnswered, .rateFound, .momentsCompared, .weightsRead, .deploymentFailed:
      true
    default: false
    }
  }

  /// Whether the event defines lanes or branches, which readers must know before their points.
  package var isStructural: Bool {
    switch self {
    case .started, .laneAdded, .branched: true
    default: false
    }
  }
}

/// In JSON, `event` is the case's name, with the associated values beside it: `{"event":"finished"}`.
extension EngineEvent: Codable {
  private enum Name: String, Codable {
    case catalog, started, laneAdded, branched, points, sketch, epoch, layers, applied, refused
    case checkpointed, checkpointDeleted, health, laneEnded, finished, failed, engineLost, downloadEnded, stretch
    case lanePacked, laneTimed, laneExported, laneInspected, laneClassified, imageAnswered, deploymentFailed
    case rateFound, momentsCompared, weightsRead
  }

  private enum CodingKeys: String, CodingKey {
    case event, catalog, run, description, lane, branch, step, id, client, reason
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func lane() throws -> String { try container.decode(String.self, forKey: .lane) }
    func number(_ key: CodingKeys) throws -> Int { try container.decode(Int.self, forKey: key) }
    func id() throws -> CommandID { CommandID(try number(.id), client: try number(.client)) }
    // Recordings and older engines omit the command's ID.
    func idIfPresent() throws -> CommandID? {
      guard let number = try container.decodeIfPresent(Int.self, forKey: .id) else { return nil }
      return CommandID(number, client: try container.decodeIfPresent(Int.self, forKey: .client) ?? 0)
    }
    func reason() throws -> String { try container.decode(String.self, forKey: .reason) }
    switch try container.decode(Name.self, forKey: .event) {
    case .catalog: self = .catalog(try container.decode(Catalog.self, forKey: .catalog), try idIfPresent())
    case .started: self = .started(try container.decode(RunDescription.self, forKey: .run))
    case .laneAdded: self = .laneAdded(try container.decode(RunDescription.Lane.self, forKey: .description))
    case .branched: self = .branched(try LaneBranch(from: decoder))
    case .points:
      self = .points(
        lane: try lane(), branch: try number(.branch), try MetricKey(from: decoder),
        try MetricPoints(from: decoder).points)
    case .sketch:
      self = .sketch(
        lane: try lane(), branch: try number(.branch), try MetricKey(from: decoder),
        try SeriesSketch(from: decoder).series)
    case .stretch:
      self = .stretch(try id(), try PointsRequest(from: decoder), try MetricPoints(from: decoder).points)
    case .epoch: self = .epoch(try EpochReport(from: decoder))
    case .layers: self = .layers(try LayerReport(from: decoder))
    case .applied: self = .applied(try id(), try JournalEntry(from: decoder))
    case .refused: self = .refused(try id(), try reason())
    case .checkpointed: self = .checkpointed(try Checkpoint(from: decoder))
    case .checkpointDeleted:
      self = .checkpointDeleted(lane: try lane(), branch: try number(.branch), step: try number(.step))
    case .health: self = .health(try HealthReport(from: decoder))
    case .laneEnded: self = .laneEnded(try LaneResult(from: decoder))
    case .finished: self = .finished
    case .failed: self = .failed(try reason(), try idIfPresent())
    case .engineLost: self = .engineLost(try reason())
    case .downloadEnded: self = .downloadEnded(try id(), try DownloadResult(from: decoder))
    case .lanePacked: self = .lanePacked(try id(), try LanePacking(from: decoder))
    case .laneTimed: self = .laneTimed(try id(), try LaneTiming(from: decoder))
    case .laneExported: self = .laneExported(try id(), try LaneExport(from: decoder))
    case .laneInspected: self = .laneInspected(try id(), try LaneDiagnostics(from: decoder))
    case .laneClassified: self = .laneClassified(try id(), try LanePredictions(from: decoder))
    case .imageAnswered: self = .imageAnswered(try id(), try ImageAnswers(from: decoder))
    case .rateFound: self = .rateFound(try id(), try RateCurve(from: decoder))
    case .momentsCompared: self = .momentsCompared(try id(), try MomentsComparison(from: decoder))
    case .weightsRead: self = .weightsRead(try id(), try LayerWeights(from: decoder))
    case .deploymentFailed: self = .deploymentFailed(try id(), try DeploymentFailure(from: decoder))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func encode(_ name: Name, _ value: (any Encodable)? = nil) throws {
      try container.encode(name, forKey: .event)
      try value?.encode(to: encoder)
    }
    func encode(_ id: CommandID?) throws {
      guard let id else { return }
      try container.encode(id.rawValue, forKey: .id)
      try container.encode(id.client, forKey: .client)
    }
    func encode(lane: String, branch: Int) throws {
      try container.encode(lane, forKey: .lane)
      try container.encode(branch, forKey: .branch)
    }
    func encode(reason: String) throws { try container.encode(reason, forKey: .reason) }

    switch self {
    case .catalog(let catalog, let id):
      try encode(.catalog)
      try encode(id)
      try container.encode(catalog, forKey: .catalog)
    case .started(let run):
      try encode(.started)
      try container.encode(run, forKey: .run)
    case .laneAdded(let lane):
      try encode(.laneAdded)
      try container.encode(lane, forKey: .description)
    case .branched(let branch): try encode(.branched, branch)
    case .points(let lane, let branch, let key, let points):
      try encode(.points, key)
      try encode(lane: lane, branch: branch)
      try MetricPoints(points).encode(to: encoder)
    case .sketch(let lane, let branch, let key, let series):
      try encode(.sketch, key)
      try encode(lane: lane, branch: branch)
      try SeriesSketch(series).encode(to: encoder)
    case .stretch(let id, let request, let points):
      try encode(.stretch, request)
      try encode(id)
      try MetricPoints(points).encode(to: encoder)
    case .epoch(let report): try encode(.epoch, report)
    case .layers(let report): try encode(.layers, report)
    case .applied(let id, let entry):
      try encode(.applied, entry)
      try encode(id)
    case .refused(let id, let words):
      try encode(.refused)
      try encode(id)
      try encode(reason: words)
    case .checkpointed(let checkpoint): try encode(.checkpointed, checkpoint)
    case .checkpointDeleted(let lane, let branch, let step):
      try encode(.checkpointDeleted)
      try encode(lane: lane, branch: branch)
      try container.encode(step, forKey: .step)
    case .health(let report): try encode(.health, report)
    case .laneEnded(let result): try encode(.laneEnded, result)
    case .finished: try encode(.finished)
    case .failed(let words, let id):
      try encode(.failed)
      try encode(id)
      try encode(reason: words)
    case .engineLost(let words):
      try encode(.engineLost)
      try encode(reason: words)
    case .downloadEnded(let id, let result):
      try encode(.downloadEnded, result)
      try encode(id)
    case .lanePacked(let id, let packing):
      try encode(.lanePacked, packing)
      try encode(id)
    case .laneTimed(let id, let timing):
      try encode(.laneTimed, timing)
      try encode(id)
    case .laneExported(let id, let export):
      try encode(.laneExported, export)
      try encode(id)
    case .laneInspected(let id, let diagnostics):
      try encode(.laneInspected, diagnostics)
      try encode(id)
    case .laneClassified(let id, let predictions):
      try encode(.laneClassified, predictions)
      try encode(id)
    case .imageAnswered(let id, let answers):
      try encode(.imageAnswered, answers)
      try encode(id)
    case .rateFound(let id, let curve):
      try encode(.rateFound, curve)
      try encode(id)
    case .momentsCompared(let id, let comparison):
      try encode(.momentsCompared, comparison)
      try encode(id)
    case .weightsRead(let id, let weights):
      try encode(.weightsRead, weights)
      try encode(id)
    case .deploymentFailed(let id, let failure):
      try encode(.deploymentFailed, failure)
      try encode(id)
    }
  }
}

/// A message about the run itself, such as a full disk, or what the health watch has seen in a lane.
package struct HealthReport: Hashable, Codable, Sendable {
  /// How serious a report is.
  package enum Severity: String, Hashable, Codable, Sendable {
    /// Nothing is wrong.
    case information
    /// Something does not work, but training continues.
    case warning
    /// Data was lost.
    case error
  }

  /// How serious it is.
  package var severity: Severity
  /// What happened, where, and the consequences.
  package var message: String
  /// When, in seconds since 1970.
  package var time: Double
  /// What a rule of the health watch has seen; nil for other messages.
  package var finding: HealthFinding?

  /// A report.
  package init(_ severity: Severity, _ message: String, time: Double, finding: HealthFinding? = nil) {
    self.severity = severity
    self.message = message
    self.time = time
    self.finding = finding
  }
}
