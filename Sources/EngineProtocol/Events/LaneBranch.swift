/// A course of a lane: the first, or one that a rewind has begun at a step of another.
///
/// A branch holds only what came after its beginning; before that, its course is its parent's.
package struct LaneBranch: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The branch's number; the first is 1, the newest the greatest.
  package var number: Int
  /// The branch that it went off from.
  package var parent: Int
  /// The step at which it went off: the last one that it shares with its parent.
  package var step: Int
  /// How many changes of hyperparameters it shares with its parent.
  package var changes: Int

  /// A branch of a lane.
  package init(lane: String, number: Int, parent: Int, step: Int, changes: Int = 0) {
    self.lane = lane
    self.number = number
    self.parent = parent
    self.step = step
    self.changes = changes
  }
}

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
