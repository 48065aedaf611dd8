/// One way of writing a digit: pen strokes in a unit box, with `y` downwards.
struct DigitSkeleton: Sendable {
  /// A stroke through all points, smooth except at corners.
  struct Stroke: Sendable {
    /// The points in writing order.
    let points: [SIMD2<Float>]
    /// The indices of points where the direction changes abruptly.
    let corners: Set<Int>

    /// A smooth stroke with corners at the given indices.
    init(_ points: [SIMD2<Float>], corners: Set<Int> = []) {
      self.points = points
      self.corners = corners
    }

    /// A stroke of straight lines.
    init(straight points: [SIMD2<Float>]) {
      self.init(points, corners: Set(points.indices))
    }
  }

  /// The strokes.
  let strokes: [Stroke]
  /// The relative frequency among the ways of writing the digit.
  let weight: Float

  /// A way to write a digit.
  init(weight: Float, _ strokes: Stroke...) {
    self.strokes = strokes
    self.weight = weight
  }
}
