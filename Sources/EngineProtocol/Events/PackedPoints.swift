import Foundation
package import TrainingMetrics

/// Points as base64 of 8 bytes each, little-endian: the step (UInt32), the value's bits (Float32).
package enum PackedPoints {
  /// The text of points; nil where a step is too great for the form.
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

  /// The points that a text stands for; nil where it is no such text.
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
