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
