/// The experiment to train, and the changes to make to it.
package struct ExperimentRequest: Hashable, Sendable {
  /// Where the experiment comes from.
  package enum Source: Hashable, Sendable {
    /// A preset by name; nil for the default preset of the data set that was found.
    case preset(String?)
    /// A YAML file.
    case file(String)
    /// YAML text that the client has read; `name` identifies it in error messages.
    case text(String, name: String)
  }

  /// Where the experiment comes from.
  package var source: Source
  /// The name or directory of a data set that replaces the experiment's; nil keeps the experiment's.
  package var dataset: String?
  /// A directory to search for data sets before all others.
  package var dataDirectory: String?
  /// Replaces the number of epochs of every lane.
  package var epochs: Int?
  /// Replaces the seed.
  package var seed: UInt64?
  /// Changes in the form of `--set`: `lane.key=value`, or `key=value` for every lane that has the key.
  package var settings: [String]
  /// The lanes to train; nil trains all.
  package var lanes: [String]?
  /// Threads per lane; nil divides the cores among the lanes.
  package var threads: Int?
  /// The directory in which the run's directory is created; nil for the default one.
  package var runsDirectory: String?
  /// The name of the run's directory, which must not exist; nil for one made from the time and the experiment's name.
  package var runName: String?
  /// Whether the run is recorded in a directory.
  package var isRecorded: Bool
  /// A steering script: YAML that lists changes and the steps at which to make them; nil for none.
  package var steering: String?
  /// The file name of the steering script for error messages; nil for “steering script”.
  package var steeringName: String?

  /// A request for an experiment. All arguments but the source default to no change.
  package init(
    source: Source, dataset: String? = nil, dataDirectory: String? = nil, epochs: Int? = nil, seed: UInt64? = nil,
    settings: [String] = [], lanes: [String]? = nil, threads: Int? = nil,
    runsDirectory: String? = nil, runName: String? = nil, isRecorded: Bool = true, steering: String? = nil,
    steeringName: String? = nil
  ) {
    self.source = source
    self.dataset = dataset
    self.dataDirectory = dataDirectory
    self.epochs = epochs
    self.seed = seed
    self.settings = settings
    self.lanes = lanes
    self.threads = threads
    self.runsDirectory = runsDirectory
    self.runName = runName
    self.isRecorded = isRecorded
    self.steering = steering
    self.steeringName = steeringName
  }
}

/// In JSON, the keys of the source and of the request stand in one object; all are optional.
extension ExperimentRequest: Codable {
  private enum CodingKeys: String, CodingKey {
    case dataset, dataDirectory, epochs, seed, settings, lanes, threads, runsDirectory, runName, isRecorded,
      steering, steeringName
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      source: try Source(from: decoder),
      dataset: try container.decodeIfPresent(String.self, forKey: .dataset),
      dataDirectory: try container.decodeIfPresent(String.self, forKey: .dataDirectory),
      epochs: try container.decodeIfPresent(Int.self, forKey: .epochs),
      seed: try container.decodeIfPresent(UInt64.self, forKey: .seed),
      settings: try container.decodeIfPresent([String].self, forKey: .settings) ?? [],
      lanes: try container.decodeIfPresent([String].self, forKey: .lanes),
      threads: try container.decodeIfPresent(Int.self, forKey: .threads),
      runsDirectory: try container.decodeIfPresent(String.self, forKey: .runsDirectory),
      runName: try container.decodeIfPresent(String.self, forKey: .runName),
      isRecorded: try container.decodeIfPresent(Bool.self, forKey: .isRecorded) ?? true,
      steering: try container.decodeIfPresent(String.self, forKey: .steering),
      steeringName: try container.decodeIfPresent(String.self, forKey: .steeringName))
  }

  package func encode(to encoder: any Encoder) throws {
    try source.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(dataset, forKey: .dataset)
    try container.encodeIfPresent(dataDirectory, forKey: .dataDirectory)
    try container.encodeIfPresent(epochs, forKey: .epochs)
    try container.encodeIfPresent(seed, forKey: .seed)
    if !settings.isEmpty { try container.encode(settings, forKey: .settings) }
    try container.encodeIfPresent(lanes, forKey: .lanes)
    try container.encodeIfPresent(threads, forKey: .threads)
    try container.encodeIfPresent(runsDirectory, forKey: .runsDirectory)
    try container.encodeIfPresent(runName, forKey: .runName)
    if !isRecorded { try container.encode(false, forKey: .isRecorded) }
    try container.encodeIfPresent(steering, forKey: .steering)
    try container.encodeIfPresent(steeringName, forKey: .steeringName)
  }
}

/// In JSON, one of `preset` (null for the default), `file`, or `text` with its `name`.
extension ExperimentRequest.Source: Codable {
  private enum CodingKeys: String, CodingKey {
    case preset, file, text, name
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let places = [CodingKeys.preset, .file, .text].filter(container.contains)
    guard places.count <= 1 else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription:
            "expected one of preset, file, text; found \(places.map(\.rawValue).joined(separator: ", "))"))
    }
    switch places.first {
    case .file: self = .file(try container.decode(String.self, forKey: .file))
    case .text:
      let name = try container.decodeIfPresent(String.self, forKey: .name) ?? "text"
      self = .text(try container.decode(String.self, forKey: .text), name: name)
    default: self = .preset(try container.decodeIfPresent(String.self, forKey: .preset))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .preset(let name): try container.encode(name, forKey: .preset)
    case .file(let path): try container.encode(path, forKey: .file)
    case .text(let text, let name):
      try container.encode(text, forKey: .text)
      try container.encode(name, forKey: .name)
    }
  }
}
