extension Fixture {
  /// `preparation.json`: images rotated and moved, and whitened.
  static func preparation() throws -> Preparation { try read("preparation") }

  /// The preparation of images; bytes and values are NHWC.
  struct Preparation: Decodable {
    var placements: [Placement]
    var whitening: Whitening
  }

  /// An image on a canvas.
  struct Placement: Decodable {
    var shape: [Int]
    var angle, down, right: Float
    var row, column: Int
    var flips: Bool
    var pixels: [UInt8]
    var output: [Float]
  }

  /// Images; the whitening is computed from the first `fitted` ones.
  struct Whitening: Decodable {
    var shape: [Int]
    var fitted: Int
    var pixels: [UInt8]
    var contrasts, matrix, output: [Float]
  }
}
