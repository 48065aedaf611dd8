internal import Tensors

/// The handwriting of one image: maps points of the skeleton to the canvas.
///
/// A point `p` is jittered and displaced by a smooth field, then scaled, sheared, rotated and shifted. Only sums,
/// products, quotients and square roots are used, which all processors round in the same way, so that images are
/// bit-identical everywhere; the C library's sine is not.
/// - SeeAlso: Simard, Steinkraus and Platt 2003, “Best practices for convolutional neural networks”, section 2.
struct DigitDistortion {
  /// Number of control points of the displacement field per axis.
  private static let gridSize = 5

  /// The columns of the matrix, in pixels.
  private let xAxis: SIMD2<Float>
  private let yAxis: SIMD2<Float>
  /// The center of the box on the canvas, in pixels.
  private let center: SIMD2<Float>
  /// The control points of the displacement field, row-major, in box units.
  private let field: [SIMD2<Float>]

  /// Draws a random handwriting.
  init(from generator: inout Philox, canvas: Int) {
    // The tangent of half the angle gives sine and cosine without a table: about ±7.5 degrees, at most 26.
    let tangent = 0.065 * generator.bell()
    let cosine = (1 - tangent * tangent) / (1 + tangent * tangent)
    let sine = 2 * tangent / (1 + tangent * tangent)
    let width = 19.0 + 2.2 * generator.bell()
    let height = 20.0 + 1.6 * generator.bell()
    let shear = 0.22 * generator.bell()
    xAxis = SIMD2(cosine, sine) * width
    yAxis = SIMD2(-sine - shear * cosine, cosine - shear * sine) * height
    let middle = Float(canvas) / 2
    center = SIMD2(middle + 0.9 * generator.bell(), middle + 0.9 * generator.bell())
    let strength: Float = 0.115
    field = (0..<Self.gridSize * Self.gridSize).map { _ in
      SIMD2(strength * generator.bell(), strength * generator.bell())
    }
  }

  /// Maps a point of the box to the canvas, in pixels.
  func callAsFunction(_ point: SIMD2<Float>) -> SIMD2<Float> {
    let bent = point + displacement(at: point) - 0.5
    return center + xAxis * bent.x + yAxis * bent.y
  }

  /// Returns the displacement at a point: a uniform cubic B-spline surface over the control points.
  private func displacement(at point: SIMD2<Float>) -> SIMD2<Float> {
    let scaled = point.clamped(lowerBound: .zero, upperBound: SIMD2(repeating: 0.9999)) * Float(Self.gridSize - 3)
    let column = Int(scaled.x)
    let row = Int(scaled.y)
    let horizontal = Self.basis(scaled.x - Float(column))
    let vertical = Self.basis(scaled.y - Float(row))
    var sum = SIMD2<Float>.zero
    for i in 0..<4 {
      let start = (row + i) * Self.gridSize + column
      var line = SIMD2<Float>.zero
      for j in 0..<4 { line += horizontal[j] * field[start + j] }
      sum += vertical[i] * line
    }
    return sum
  }

  /// Returns the four cubic B-spline weights at an offset from 0 to 1.
  private static func basis(_ t: Float) -> SIMD4<Float> {
    let s = 1 - t
    return SIMD4(s * s * s, 4 - 3 * t * t * (2 - t), 4 - 3 * s * s * (2 - s), t * t * t) / 6
  }
}

extension Philox {
  /// Returns the next number of a bell-shaped distribution with mean 0 and variance 1, within ±3.47: the sum of four
  /// uniform numbers. It is close enough to a normal distribution for handwriting, and needs no logarithm.
  mutating func bell() -> Float {
    let word = next()
    let sum = (word & 0xFFFF) + (word >> 16 & 0xFFFF) + (word >> 32 & 0xFFFF) + (word >> 48)
    return (Float(sum) - 131_070) * (1.732_050_8 / 65_536)
  }

  /// Returns the next number uniform between two bounds.
  mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }
}
