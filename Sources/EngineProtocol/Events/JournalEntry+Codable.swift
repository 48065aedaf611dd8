/// The change's fields beside the entry's own.
extension JournalEntry: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, branch, step, seconds, origin, scriptIndex
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      lane: try container.decode(String.self, forKey: .lane), branch: try container.decode(Int.self, forKey: .branch),
      step: try container.decode(Int.self, forKey: .step), change: try Change(from: decoder),
      seconds: try container.decode(Double.self, forKey: .seconds),
      origin: try container.decodeIfPresent(String.self, forKey: .origin) ?? "",
      scriptIndex: try container.decodeIfPresent(Int.self, forKey: .scriptIndex))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lane, forKey: .lane)
    try container.encode(branch, forKey: .branch)
    try container.encode(step, forKey: .step)
    try change.encode(to: encoder)
    try container.encode(seconds, forKey: .seconds)
    if !origin.isEmpty { try container.encode(origin, forKey: .origin) }
    try container.encodeIfPresent(scriptIndex, forKey: .scriptIndex)
  }
}
