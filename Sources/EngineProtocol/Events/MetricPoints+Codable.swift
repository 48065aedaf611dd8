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
      guard let bytes = Data(base64Encoded: text), let points = Self.unpacked(bytes) else {
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
    if encoder.userInfo[PointsForm.key] as? PointsForm == .packed, let bytes = packed {
      try container.encode(bytes.base64EncodedString(), forKey: .packed)
    } else {
      try container.encode(points.map(\.step), forKey: .steps)
      try container.encode(points.map(\.value), forKey: .values)
    }
  }

  // nil where a step is too great for the form.
  private var packed: Data? {
    var words: [UInt32] = []
    words.reserveCapacity(2 * points.count)
    for point in points {
      guard let step = UInt32(exactly: point.step) else { return nil }
      words.append(step.littleEndian)
      words.append(point.value.bitPattern.littleEndian)
    }
    return words.withUnsafeBytes { Data($0) }
  }

  private static func unpacked(_ bytes: Data) -> [MetricPoint]? {
    guard bytes.count % 8 == 0 else { return nil }
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { place in
        let step = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * place, as: UInt32.self))
        let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * place + 4, as: UInt32.self))
        return MetricPoint(step: Int(step), value: Float(bitPattern: bits))
      }
    }
  }
}
