/// Its fields by name; the number is called `branch`, as everywhere else.
extension LaneBranch: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, branch, parent, step, changes
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      lane: try container.decode(String.self, forKey: .lane), number: try container.decode(Int.self, forKey: .branch),
      parent: try container.decode(Int.self, forKey: .parent), step: try container.decode(Int.self, forKey: .step),
      changes: try container.decode(Int.self, forKey: .changes))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lane, forKey: .lane)
    try container.encode(number, forKey: .branch)
    try container.encode(parent, forKey: .parent)
    try container.encode(step, forKey: .step)
    try container.encode(changes, forKey: .changes)
  }
}
