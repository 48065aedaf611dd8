internal import Tensors

/// A grey canvas on which a pen draws.
struct DigitCanvas {
  /// The width and height in pixels.
  static let size = 28

  /// The ink of every pixel from 0 to 1, row-major.
  private var ink = [Float](repeating: 0, count: size * size)

  /// Takes all ink away.
  mutating func clear() {
    for index in ink.indices { ink[index] = 0 }
  }

  /// Draws a segment with round ends, darkest of what is there and what is drawn.
  /// - Parameters:
  ///   - start: in pixels.
  ///   - end: in pixels.
  ///   - radius: half the width of the pen.
  ///   - softness: over how many pixels the edge fades.
  ///   - strength: the ink in the middle, from 0 to 1.
  mutating func draw(
    from start: SIMD2<Float>, to end: SIMD2<Float>, radius: Float, softness: Float, strength: Float
  ) {
    let reach = radius + softness / 2
    let last = Float(Self.size - 1)
    // Pixel (x, y) has its middle at (x + 0.5, y + 0.5).
    let left = max(0, min(start.x, end.x) - reach - 0.5)
    let right = min(last, max(start.x, end.x) + reach - 0.5)
    let top = max(0, min(start.y, end.y) - reach - 0.5)
    let bottom = min(last, max(start.y, end.y) + reach - 0.5)
    guard left <= right, top <= bottom else { return }
    let direction = end - start
    let squaredLength = direction.x * direction.x + direction.y * direction.y
    let inverse = squaredLength > 0 ? 1 / squaredLength : 0
    let squaredReach = reach * reach
    let slope = strength / softness
    for row in Int(top)...Int(bottom) {
      let dy = Float(row) + 0.5 - start.y
      for column in Int(left)...Int(right) {
        let dx = Float(column) + 0.5 - start.x
        let along = max(0, min(1, (dx * direction.x + dy * direction.y) * inverse))
        let offX = dx - along * direction.x
        let offY = dy - along * direction.y
        let squaredDistance = offX * offX + offY * offY
        guard squaredDistance < squaredReach else { continue }
        let value = min(strength, (reach - squaredDistance.squareRoot()) * slope)
        let index = row * Self.size + column
        if value > ink[index] { ink[index] = value }
      }
    }
  }

  /// Appends the pixels as bytes, with noise on ink and paper.
  /// - Parameters:
  ///   - pixels: gains `size * size` bytes.
  ///   - paperNoise: the largest grey on empty paper, from 0 to 1; half of the paper stays empty.
  ///   - inkNoise: the largest share of the ink that is missing.
  func append(to pixels: inout [UInt8], paperNoise: Float, inkNoise: Float, generator: inout Philox) {
    var word: UInt64 = 0
    for index in ink.indices {
      if index.isMultiple(of: 4) { word = generator.next() }
      let paper = Float(word & 0xFF) * (2 / 255) - 1
      let grain = Float(word >> 8 & 0xFF) * (1 / 255)
      word >>= 16
      let value = ink[index] * (1 - inkNoise * grain) + paperNoise * paper
      pixels.append(UInt8(max(0, min(1, value)) * 255 + 0.5))
    }
  }
}
