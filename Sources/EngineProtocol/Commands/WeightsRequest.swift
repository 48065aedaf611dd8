/// A request for the weights of one layer of a lane.
package struct WeightsRequest: Hashable, Sendable {
  /// The lane.
  package var lane: String
  /// The layer; nil for the first one with binary weights, otherwise the first one with weights.
  package var layer: String?
  /// The branch and the step of a checkpoint; nil for the newest weights.
  package var branch: Int?
  package var step: Int?
  /// The first unit whose weights are wanted as an image, and how many units, at most `mostUnits`.
  package var firstUnit: Int
  package var unitCount: Int
  /// A single weight, whose course over the checkpoints is wanted; nil for none.
  package var unit: Int?
  package var input: Int?

  /// A request.
  package init(
    lane: String, layer: String? = nil, branch: Int? = nil, step: Int? = nil, firstUnit: Int = 0, unitCount: Int = 16,
    unit: Int? = nil, input: Int? = nil
  ) {
    (self.lane, self.layer, self.branch, self.step) = (lane, layer, branch, step)
    (self.firstUnit, self.unitCount, self.unit, self.input) = (firstUnit, unitCount, unit, input)
  }

  /// The largest number of units in one answer.
  package static let mostUnits = 64
}

/// Encoded as a JSON object; all but `lane` is optional.
extension WeightsRequest: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, layer, branch, step, firstUnit, unitCount, unit, input
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys) throws -> Int? { try container.decodeIfPresent(Int.self, forKey: key) }
    self.init(
      lane: try container.decode(String.self, forKey: .lane),
      layer: try container.decodeIfPresent(String.self, forKey: .layer), branch: try number(.branch),
      step: try number(.step), firstUnit: try number(.firstUnit) ?? 0, unitCount: try number(.unitCount) ?? 16,
      unit: try number(.unit), input: try number(.input))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lane, forKey: .lane)
    try container.encodeIfPresent(layer, forKey: .layer)
    try container.encodeIfPresent(branch, forKey: .branch)
    try container.encodeIfPresent(step, forKey: .step)
    try container.encode(firstUnit, forKey: .firstUnit)
    try container.encode(unitCount, forKey: .unitCount)
    try container.encodeIfPresent(unit, forKey: .unit)
    try container.encodeIfPresent(input, forKey: .input)
  }
}
