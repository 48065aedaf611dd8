/// Which experiment to train, and what to change in it.
package struct ExperimentRequest: Hashable, Sendable {
  /// Where the experiment comes from.
  package enum Source: Hashable, Sendable {
    /// A preset by name; nil for the default one of the data set found.
    case preset(String?)
    /// A YAML file.
    case file(String)
    /// YAML that the client has read; errors name it so.
    case text(String, name: String)
  }

  /// Where the experiment comes from.
  package var source: Source
  /// A data set's name or folder that replaces the experiment's; nil keeps it.
  package var dataset: String?
  /// A folder to look for data sets in before all others.
  package var dataDirectory: String?
  /// Replaces the number of epochs of every lane.
  package var epochs: Int?
  /// Replaces the seed.
  package var seed: UInt64?
  /// Changes as in `--set`: `lane.key=value`, or `key=value` for every lane that has the key.
  package var settings: [String]
  /// The lanes to train; nil trains all.
  package var lanes: [String]?
  /// Threads of each lane; nil shares the cores among the lanes.
  package var threads: Int?
  /// The folder of runs that gets the run's directory; nil for the standard one.
  package var runsDirectory: String?
  /// Whether the run leaves a directory.
  package var isRecorded: Bool
  /// A steering script: YAML with the changes to make, each at its step; nil for none.
  package var steering: String?
  /// How errors name the steering script: its file; nil for “steering script”.
  package var steeringName: String?

  /// A request for an experiment, unchanged unless told otherwise.
  package init(
    source: Source, dataset: String? = nil, dataDirectory: String? = nil, epochs: Int? = nil, seed: UInt64? = nil,
    settings: [String] = [], lanes: [String]? = nil, threads: Int? = nil,
    runsDirectory: String? = nil, isRecorded: Bool = true, steering: String? = nil,
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
    self.isRecorded = isRecorded
    self.steering = steering
    self.steeringName = steeringName
  }
}

/// The source's fields and its own side by side; all may be absent.
extension ExperimentRequest: Codable {
  private enum CodingKeys: String, CodingKey {
    case dataset, dataDirectory, epochs, seed, settings, lanes, threads, runsDirectory, isRecorded, steering,
      steeringName
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
    if !isRecorded { try container.encode(false, forKey: .isRecorded) }
    try container.encodeIfPresent(steering, forKey: .steering)
    try container.encodeIfPresent(steeringName, forKey: .steeringName)
  }
}

/// One of `preset` (null for the default one), `file`, or `text` with its `name`.
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
