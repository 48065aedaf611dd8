package import Foundation
package import TrainingMetrics

/// The JSON form of the points of a series.
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

/// How the points of a series are encoded in JSON. Readers accept both forms.
package enum PointsForm: String, Codable, Sendable {
  /// `packed`: base64 of 8 bytes per point, little-endian: the step (UInt32), then the bits of the value (Float32).
  case packed
  /// `steps` and `values`: two arrays of numbers.
  case numbers
  /// Points are left out.
  case none

  /// The key of the form in an encoder's `userInfo`; the default is `numbers`.
  package static let key = CodingUserInfoKey(rawValue: "pointsForm")!

  /// Returns a new encoder that writes points in this form.
  package func encoder() -> JSONEncoder {
    let encoder = EngineJSON.encoder()
    encoder.userInfo[Self.key] = self
    return encoder
  }
}

/// Points as base64 of 8 bytes per point, little-endian: the step (UInt32), then the bits of the value (Float32).
package enum PackedPoints {
  /// Encodes points; nil if a step does not fit into 32 bits.
  package static func text(_ points: [MetricPoint]) -> String? {
    var words: [UInt32] = []
    words.reserveCapacity(2 * points.count)
    for point in points {
      guard let step = UInt32(exactly: point.step) else { return nil }
      words.append(step.littleEndian)
      words.append(point.value.bitPattern.littleEndian)
    }
    return words.withUnsafeBytes { Data($0) }.base64EncodedString()
  }

  /// Decodes points; nil if the text is invalid.
  package static func points(_ text: String) -> [MetricPoint]? {
    guard let bytes = Data(base64Encoded: text), bytes.count % 8 == 0 else { return nil }
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { place in
        let step = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * place, as: UInt32.self))
        let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * place + 4, as: UInt32.self))
        return MetricPoint(step: Int(step), value: Float(bitPattern: bits))
      }
    }
  }
}
