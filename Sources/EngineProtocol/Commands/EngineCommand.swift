/// A command from a client to the engine.
///
/// Each command is answered by an event that reports its effect and the exact step, or by `EngineEvent.refused`.
package enum EngineCommand: Hashable, Sendable {
  /// List what can be trained: presets and data sets. Data sets are looked for in `dataDirectory` first. Answered by
  /// `EngineEvent.catalog`.
  case describeCatalog(dataDirectory: String?)
  /// Download a data set; only one download runs at a time. Answered by `EngineEvent.downloadEnded`;
  /// `Snapshot.download` has the progress.
  case download(DownloadRequest)
  /// Cancel the download. A later download resumes it.
  case cancelDownload
  /// Prepare the experiment and start its lanes.
  case start(ExperimentRequest)
  /// Resume the run of this directory from its newest checkpoints and its journal.
  case reopen(directory: String)
  /// Pause the lanes between two batches.
  case pause(LaneSelection)
  /// Resume paused lanes.
  case resume(LaneSelection)
  /// Let paused lanes do one update and pause again.
  case singleStep(LaneSelection)
  /// Let lanes train until `epoch` epochs are done, then pause.
  case runToEpoch(Int, LaneSelection)
  /// Stop training the lanes between two batches, and test them.
  case stop(LaneSelection)
  /// Set a hyperparameter between two batches. Optimizer state and weights stay unchanged, except that a momentum of 0
  /// clears the velocity.
  case set(Hyperparameter, HyperparameterValue, LaneSelection)
  /// Write a checkpoint of the lanes between two batches.
  case checkpoint(LaneSelection)
  /// Reset a lane to the checkpoint at this branch and step. It continues in a new branch; the record of the old branch
  /// is kept.
  case rewind(lane: String, branch: Int, step: Int)
  /// Write a note into the run's journal. Training goes on, and nothing of the lane changes.
  case note(NoteRequest)
  /// Start a new lane from a checkpoint of another, with some hyperparameters changed.
  case fork(ForkRequest)
  /// Return points of a series at full resolution. Answered by `EngineEvent.stretch`.
  case points(PointsRequest)
  /// Pack a lane's network, and compare it with the trainer's on the validation images. Training goes on. Answered by
  /// `EngineEvent.lanePacked` or `deploymentFailed`.
  case packLane(String, WeightsChoice?)
  /// Measure the speed of a lane's packed network. All lanes are held between two batches meanwhile. Answered by
  /// `EngineEvent.laneTimed` or `deploymentFailed`.
  case timeLane(String)
  /// Pack a lane's network, compare it with the trainer's on the test images, and write it. Answered by
  /// `EngineEvent.laneExported` or `deploymentFailed`.
  case exportLane(ExportLaneRequest)
  /// Measure the layers of a lane on a copy of its network. Training goes on. Answered by `EngineEvent.laneInspected` or
  /// `deploymentFailed`.
  case inspectLane(String, WeightsChoice?)
  /// Read the weights of a layer of a lane. Training goes on. Answered by `EngineEvent.weightsRead` or
  /// `deploymentFailed`.
  case readWeights(WeightsRequest)
  /// Classify the validation images with a lane's network. Training goes on. Answered by `EngineEvent.laneClassified` or
  /// `deploymentFailed`.
  case classifyLane(String, WeightsChoice?)
  /// Classify one image with every lane's newest weights. Answered by `EngineEvent.imageAnswered`.
  case answerImage(ImageQuestion)
  /// Sweep a rate on a copy of a lane. All lanes are held between two batches meanwhile, and nothing of them changes.
  /// Answered by `EngineEvent.rateFound` or `deploymentFailed`.
  case findRate(RateSearch)
  /// Compare two checkpoints of a lane. Training goes on. Answered by `EngineEvent.momentsCompared` or
  /// `deploymentFailed`.
  case compareMoments(MomentsRequest)
  /// Cancel packing, timing, exporting, inspecting, classifying, searching and comparing.
  case cancelDeployment
  /// Write checkpoints of all lanes between two batches and exit. The run can be resumed later.
  case suspend
}

extension EngineCommand {
  /// Whether it asks something of lanes that their weights and the images answer, so that a recorded run can answer too.
  package var isQuestionAboutLanes: Bool {
    switch self {
    case .packLane, .inspectLane, .classifyLane, .answerImage, .findRate, .compareMoments, .readWeights: true
    default: false
    }
  }
}

/// In JSON, `command` is the case's name, with the associated values beside it: `{"command":"pause","lane":"binary"}`.
extension EngineCommand: Codable {
  private enum Name: String, Codable {
    case describeCatalog, start, reopen, pause, resume, singleStep, runToEpoch, stop, set, checkpoint, rewind, fork,
      note
    case suspend, download, cancelDownload, points, packLane, timeLane, exportLane, cancelDeployment
    case inspectLane, classifyLane, answerImage, findRate, compareMoments, readWeights
  }

  private enum CodingKeys: String, CodingKey {
    case command, lane, dataDirectory, directory, epoch, hyperparameter, value, branch, step, weights
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func lanes() throws -> LaneSelection {
      LaneSelection(try container.decodeIfPresent(String.self, forKey: .lane))
    }
    switch try container.decode(Name.self, forKey: .command) {
    case .describeCatalog:
      self = .describeCatalog(dataDirectory: try container.decodeIfPresent(String.self, forKey: .dataDirectory))
    case .start: self = .start(try ExperimentRequest(from: decoder))
    case .reopen: self = .reopen(directory: try container.decode(String.self, forKey: .directory))
    case .pause: self = .pause(try lanes())
    case .resume: self = .resume(try lanes())
    case .singleStep: self = .singleStep(try lanes())
    case .runToEpoch: self = .runToEpoch(try container.decode(Int.self, forKey: .epoch), try lanes())
    case .stop: self = .stop(try lanes())
    case .set:
      self = .set(
        try Hyperparameter(known: container.decode(String.self, forKey: .hyperparameter), container.codingPath),
        try container.decode(HyperparameterValue.self, forKey: .value), try lanes())
    case .checkpoint: self = .checkpoint(try lanes())
    case .rewind:
      self = .rewind(
        lane: try container.decode(String.self, forKey: .lane), branch: try container.decode(Int.self, forKey: .branch),
        step: try container.decode(Int.self, forKey: .step))
    case .fork: self = .fork(try ForkRequest(from: decoder))
    case .note: self = .note(try NoteRequest(from: decoder))
    case .suspend: self = .suspend
    case .download: self = .download(try DownloadRequest(from: decoder))
    case .cancelDownload: self = .cancelDownload
    case .points: self = .points(try PointsRequest(from: decoder))
    case .packLane:
      self = .packLane(
        try container.decode(String.self, forKey: .lane),
        try container.decodeIfPresent(WeightsChoice.self, forKey: .weights))
    case .inspectLane:
      self = .inspectLane(
        try container.decode(String.self, forKey: .lane),
        try container.decodeIfPresent(WeightsChoice.self, forKey: .weights))
    case .timeLane: self = .timeLane(try container.decode(String.self, forKey: .lane))
    case .exportLane: self = .exportLane(try ExportLaneRequest(from: decoder))
    case .classifyLane:
      self = .classifyLane(
        try container.decode(String.self, forKey: .lane),
        try container.decodeIfPresent(WeightsChoice.self, forKey: .weights))
    case .readWeights: self = .readWeights(try WeightsRequest(from: decoder))
    case .answerImage: self = .answerImage(try ImageQuestion(from: decoder))
    case .findRate: self = .findRate(try RateSearch(from: decoder))
    case .compareMoments: self = .compareMoments(try MomentsRequest(from: decoder))
    case .cancelDeployment: self = .cancelDeployment
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .command)
    switch self {
    case .describeCatalog(let folder): try container.encodeIfPresent(folder, forKey: .dataDirectory)
    case .start(let request): try request.encode(to: encoder)
    case .reopen(let directory): try container.encode(directory, forKey: .directory)
    case .pause(let lanes), .resume(let lanes), .singleStep(let lanes), .stop(let lanes), .checkpoint(let lanes):
      try container.encodeIfPresent(lanes.name, forKey: .lane)
    case .runToEpoch(let epoch, let lanes):
      try container.encode(epoch, forKey: .epoch)
      try container.encodeIfPresent(lanes.name, forKey: .lane)
    case .set(let hyperparameter, let value, let lanes):
      try container.encode(hyperparameter, forKey: .hyperparameter)
      try container.encode(value, forKey: .value)
      try container.encodeIfPresent(lanes.name, forKey: .lane)
    case .rewind(let lane, let branch, let step):
      try container.encode(lane, forKey: .lane)
      try container.encode(branch, forKey: .branch)
      try container.encode(step, forKey: .step)
    case .fork(let request): try request.encode(to: encoder)
    case .note(let request): try request.encode(to: encoder)
    case .download(let request): try request.encode(to: encoder)
    case .points(let request): try request.encode(to: encoder)
    case .packLane(let lane, let weights), .inspectLane(let lane, let weights), .classifyLane(let lane, let weights):
      try container.encode(lane, forKey: .lane)
      try container.encodeIfPresent(weights, forKey: .weights)
    case .timeLane(let lane): try container.encode(lane, forKey: .lane)
    case .exportLane(let request): try request.encode(to: encoder)
    case .readWeights(let request): try request.encode(to: encoder)
    case .answerImage(let question): try question.encode(to: encoder)
    case .findRate(let search): try search.encode(to: encoder)
    case .compareMoments(let request): try request.encode(to: encoder)
    case .suspend, .cancelDownload, .cancelDeployment: break
    }
  }

  private var name: Name {
    switch self {
    case .describeCatalog: .describeCatalog
    case .start: .start
    case .reopen: .reopen
    case .pause: .pause
    case .resume: .resume
    case .singleStep: .singleStep
    case .runToEpoch: .runToEpoch
    case .stop: .stop
    case .set: .set
    case .checkpoint: .checkpoint
    case .rewind: .rewind
    case .fork: .fork
    case .note: .note
    case .suspend: .suspend
    case .download: .download
    case .cancelDownload: .cancelDownload
    case .points: .points
    case .packLane: .packLane
    case .timeLane: .timeLane
    case .exportLane: .exportLane
    case .inspectLane: .inspectLane
    case .classifyLane: .classifyLane
    case .answerImage: .answerImage
    case .findRate: .findRate
    case .compareMoments: .compareMoments
    case .readWeights: .readWeights
    case .cancelDeployment: .cancelDeployment
    }
  }
}

/// The lanes that a command applies to.
package enum LaneSelection: Hashable, Sendable {
  /// Every lane of the experiment.
  case all
  /// The lane of this name.
  case lane(String)
}

/// In JSON, a lane's name, or null for all lanes.
extension LaneSelection: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self.init(container.decodeNil() ? nil : try container.decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let name { try container.encode(name) } else { try container.encodeNil() }
  }

  /// The lane of this name, or all.
  init(_ name: String?) { self = name.map(LaneSelection.lane) ?? .all }

  /// The lane's name; nil for all.
  var name: String? {
    switch self {
    case .all: nil
    case .lane(let name): name
    }
  }
}

/// Identifies a command in the events that answer it. The client chooses the ID before it sends the command.
package struct CommandID: Hashable, Codable, Sendable {
  /// The client: 0 within the engine's process, otherwise the number that the engine assigned to the connection.
  package let client: Int
  /// Unique within the client's connection.
  package let rawValue: Int
  /// An ID chosen by a client.
  package init(_ rawValue: Int, client: Int = 0) {
    self.client = client
    self.rawValue = rawValue
  }

  /// The ID of what no client's command has asked for: a script's change, a signal, or what an earlier engine recorded.
  package static let unasked = CommandID(0)

  /// The same client's next ID.
  package var successor: CommandID { CommandID(rawValue + 1, client: client) }
}
