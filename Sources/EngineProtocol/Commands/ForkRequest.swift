/// A request to fork a lane: to start a new lane from a checkpoint of another.
package struct ForkRequest: Hashable, Sendable {
  /// The lane to fork.
  package var lane: String
  /// The checkpoint's branch.
  package var branch: Int
  /// The checkpoint's step.
  package var step: Int
  /// The new lane's name; nil for the parent's name with a number appended.
  package var name: String?
  /// Hyperparameters to change in the new lane at its first step.
  package var settings: [HyperparameterSetting]

  /// A fork of a checkpoint.
  package init(lane: String, branch: Int, step: Int, name: String? = nil, settings: [HyperparameterSetting] = []) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.name = name
    self.settings = settings
  }
}

/// Encoded as a JSON object; `name` and `settings` are optional.
extension ForkRequest: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, branch, step, name, settings
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      lane: try container.decode(String.self, forKey: .lane), branch: try container.decode(Int.self, forKey: .branch),
      step: try container.decode(Int.self, forKey: .step),
      name: try container.decodeIfPresent(String.self, forKey: .name),
      settings: try container.decodeIfPresent([HyperparameterSetting].self, forKey: .settings) ?? [])
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lane, forKey: .lane)
    try container.encode(branch, forKey: .branch)
    try container.encode(step, forKey: .step)
    try container.encodeIfPresent(name, forKey: .name)
    if !settings.isEmpty { try container.encode(settings, forKey: .settings) }
  }
}
