/// Its fields by name; `name` and `settings` may be absent.
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
