/// One way to write a digit: strokes of the pen in a box of width and height 1, `y` downwards.
struct DigitSkeleton: Sendable {
  /// A stroke: the pen goes through all points, smoothly but for the corners.
  struct Stroke: Sendable {
    /// The points, in the order of writing.
    let points: [SIMD2<Float>]
    /// The indices of points at which the direction changes at once.
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
  /// How often this way is taken, against the other ways to write the digit.
  let weight: Float

  /// A way to write a digit.
  init(weight: Float, _ strokes: Stroke...) {
    self.strokes = strokes
    self.weight = weight
  }
}
