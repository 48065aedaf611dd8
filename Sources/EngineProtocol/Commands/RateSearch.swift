/// A request to search for a learning rate, or for Bop's gamma or flip threshold, on a copy of a lane.
package struct RateSearch: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// What is swept: `learningRate`, `gamma` or `flipThreshold`; nil for the flip threshold of a lane with Bop, and the
  /// learning rate of others.
  package var hyperparameter: Hyperparameter?
  /// The value of the first update; nil for the default, a gentle one.
  package var first: Double?
  /// The value of the last update; nil for the default, a violent one.
  package var last: Double?
  /// Number of updates; nil for 200.
  package var updates: Int?

  /// The number of updates without a choice.
  package static let defaultUpdates = 200
  /// The possible numbers of updates.
  package static let possibleUpdates = 20...5000

  /// A search on a copy of a lane.
  package init(
    lane: String, hyperparameter: Hyperparameter? = nil, first: Double? = nil, last: Double? = nil, updates: Int? = nil
  ) {
    self.lane = lane
    self.hyperparameter = hyperparameter
    self.first = first
    self.last = last
    self.updates = updates
  }
}

/// Encoded as a JSON object; all keys but `lane` are optional.
extension RateSearch: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, hyperparameter, first, last, updates
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      lane: try container.decode(String.self, forKey: .lane),
      hyperparameter: try container.decodeIfPresent(String.self, forKey: .hyperparameter).map {
        try Hyperparameter(known: $0, container.codingPath)
      },
      first: try container.decodeIfPresent(Double.self, forKey: .first),
      last: try container.decodeIfPresent(Double.self, forKey: .last),
      updates: try container.decodeIfPresent(Int.self, forKey: .updates))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lane, forKey: .lane)
    try container.encodeIfPresent(hyperparameter, forKey: .hyperparameter)
    try container.encodeIfPresent(first, forKey: .first)
    try container.encodeIfPresent(last, forKey: .last)
    try container.encodeIfPresent(updates, forKey: .updates)
  }
}
