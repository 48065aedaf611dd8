/// Which weights of a lane to deploy.
package enum WeightsChoice: String, Hashable, Codable, Sendable {
  /// The weights with the best validation.
  case best
  /// The weights after the newest update.
  case newest
}

/// A request to write a lane's network in another program's form.
package struct ExportLaneRequest: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The weights; nil for the newest of a lane that trains, and the best of a lane that has ended.
  package var weights: WeightsChoice?
  /// The name of the format, as in `LanePacking.formats`.
  package var format: String
  /// The absolute path of the file, or of the folder of several files.
  package var path: String
  /// Whether existing files may be replaced.
  package var replaces: Bool

  /// An export of a lane.
  package init(lane: String, weights: WeightsChoice? = nil, format: String, path: String, replaces: Bool = false) {
    self.lane = lane
    self.weights = weights
    self.format = format
    self.path = path
    self.replaces = replaces
  }
}

/// Encoded as a JSON object; `weights` and `replace` are optional.
extension ExportLaneRequest: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, weights, format, path
    case replaces = "replace"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      lane: try container.decode(String.self, forKey: .lane),
      weights: try container.decodeIfPresent(WeightsChoice.self, forKey: .weights),
      format: try container.decode(String.self, forKey: .format),
      path: try container.decode(String.self, forKey: .path),
      replaces: try container.decodeIfPresent(Bool.self, forKey: .replaces) ?? false)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lane, forKey: .lane)
    try container.encodeIfPresent(weights, forKey: .weights)
    try container.encode(format, forKey: .format)
    try container.encode(path, forKey: .path)
    if replaces { try container.encode(replaces, forKey: .replaces) }
  }
}
