package import Foundation

/// How the points of a series are written as JSON. Readers take either form.
package enum PointsForm: String, Codable, Sendable {
  /// `packed`: base64 of 8 bytes a point, little-endian: the step (UInt32), then the bits of the value (Float32).
  case packed
  /// `steps` and `values`: two arrays of numbers.
  case numbers
  /// Not at all.
  case none

  /// Where an encoder's `userInfo` tells the form; numbers where it doesn't.
  package static let key = CodingUserInfoKey(rawValue: "pointsForm")!

  /// A new encoder that writes points in this form.
  package func encoder() -> JSONEncoder {
    let encoder = EngineJSON.encoder()
    encoder.userInfo[Self.key] = self
    return encoder
  }
}
