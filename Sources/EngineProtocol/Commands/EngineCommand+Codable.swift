/// `command` is the case's name, the values stand beside it: `{"command":"pause","lane":"binary"}`.
extension EngineCommand: Codable {
  private enum Name: String, Codable {
    case describeCatalog, start, reopen, pause, resume, singleStep, runToEpoch, stop, set, checkpoint, rewind, fork
    case suspend, download, cancelDownload
  }

  private enum CodingKeys: String, CodingKey {
    case command, lane, dataDirectory, directory, epoch, hyperparameter, value, branch, step
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
        try container.decode(Hyperparameter.self, forKey: .hyperparameter),
        try container.decode(HyperparameterValue.self, forKey: .value), try lanes())
    case .checkpoint: self = .checkpoint(try lanes())
    case .rewind:
      self = .rewind(
        lane: try container.decode(String.self, forKey: .lane), branch: try container.decode(Int.self, forKey: .branch),
        step: try container.decode(Int.self, forKey: .step))
    case .fork: self = .fork(try ForkRequest(from: decoder))
    case .suspend: self = .suspend
    case .download: self = .download(try DownloadRequest(from: decoder))
    case .cancelDownload: self = .cancelDownload
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
    case .download(let request): try request.encode(to: encoder)
    case .suspend, .cancelDownload: break
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
    case .suspend: .suspend
    case .download: .download
    case .cancelDownload: .cancelDownload
    }
  }
}
