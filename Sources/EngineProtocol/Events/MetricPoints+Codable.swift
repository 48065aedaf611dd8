import Foundation
import TrainingMetrics

/// The points of a series as they stand in JSON.
struct MetricPoints: Codable {
  var points: [MetricPoint]

  private enum CodingKeys: String, CodingKey {
    case packed, steps, values
  }

  init(_ points: [MetricPoint]) { self.points = points }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let text = try container.decodeIfPresent(String.self, forKey: .packed) {
      guard let points = PackedPoints.points(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: .packed, in: container, debugDescription: "expected base64 of 8 bytes a point")
      }
      self.points = points
    } else {
      let steps = try container.decode([Int].self, forKey: .steps)
      let values = try container.decode([Float].self, forKey: .values)
      guard steps.count == values.count else {
        throw DecodingError.dataCorruptedError(
          forKey: .values, in: container,
          debugDescription: "expected \(steps.count) values, as many as steps; found \(values.count)")
      }
      points = zip(steps, values).map { MetricPoint(step: $0, value: $1) }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if encoder.userInfo[PointsForm.key] as? PointsForm == .packed, let text = PackedPoints.text(points) {
      try container.encode(text, forKey: .packed)
    } else {
      try container.encode(points.map(\.step), forKey: .steps)
      try container.encode(points.map(\.value), forKey: .values)
    }
  }
}
