extension Fixture {
  /// `preparation.json`: images turned and moved, and whitened.
  static func preparation() throws -> Preparation { try read("preparation") }

  /// How images become numbers; bytes and values are NHWC.
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

  /// Images, the first `fitted` of which the map comes from.
  struct Whitening: Decodable {
    var shape: [Int]
    var fitted: Int
    var pixels: [UInt8]
    var contrasts, matrix, output: [Float]
  }
}
