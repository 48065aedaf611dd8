internal import Tensors

/// Writes digits on a canvas that it uses over and over.
struct DigitWriter {
  private var canvas = DigitCanvas()
  /// The jittered points of the stroke at hand, in box units.
  private var points: [SIMD2<Float>] = []

  /// Writes a digit in a way, a hand and a pen drawn from the generator.
  /// - Parameter pixels: gains the bytes of one image.
  mutating func write(_ digit: Int, with generator: inout Philox, to pixels: inout [UInt8]) {
    let skeleton = Self.choice(from: DigitSkeleton.variants[digit], generator: &generator)
    let distortion = DigitDistortion(from: &generator, canvas: DigitCanvas.size)
    let pen = Pen(from: &generator)
    canvas.clear()
    for stroke in skeleton.strokes {
      points.removeAll(keepingCapacity: true)
      for point in stroke.points {
        points.append(point + 0.038 * SIMD2(generator.bell(), generator.bell()))
      }
      draw(stroke, distortion: distortion, pen: pen)
    }
    canvas.append(to: &pixels, paperNoise: pen.paperNoise, inkNoise: pen.inkNoise, generator: &generator)
  }

  /// A pen for one image.
  private struct Pen {
    let radius: Float
    let softness: Float
    let strength: Float
    /// How much thinner a stroke is at its end than at its start, as a share of the radius.
    let taper: Float
    let paperNoise: Float
    let inkNoise: Float

    init(from generator: inout Philox) {
      radius = max(0.55, 1.15 + 0.33 * generator.bell())
      softness = generator.uniform(0.9...1.9)
      strength = generator.uniform(0.75...1)
      taper = generator.uniform(-0.35...0.45)
      paperNoise = generator.uniform(0...0.12)
      inkNoise = generator.uniform(0...0.3)
    }
  }

  /// One of the ways to write a digit, by weight.
  private static func choice(from variants: [DigitSkeleton], generator: inout Philox) -> DigitSkeleton {
    var rest = generator.uniform() * variants.reduce(0) { $0 + $1.weight }
    for variant in variants {
      rest -= variant.weight
      if rest < 0 { return variant }
    }
    return variants[variants.count - 1]
  }

  /// Draws the points as a Catmull-Rom spline with corners.
  private mutating func draw(_ stroke: DigitSkeleton.Stroke, distortion: DigitDistortion, pen: Pen) {
    let spans = points.count - 1
    var previous = distortion(points[0])
    for span in 0..<spans {
      let start = points[span]
      let end = points[span + 1]
      let isStraight = spans == 1 || (stroke.corners.contains(span) && stroke.corners.contains(span + 1))
      // At a corner or an end the spline leaves along the chord.
      let before = span == 0 || stroke.corners.contains(span) ? start : points[span - 1]
      let after = span + 1 == spans || stroke.corners.contains(span + 1) ? end : points[span + 2]
      let steps = isStraight ? 4 : 5
      for step in 1...steps {
        let t = Float(step) / Float(steps)
        let point = isStraight ? start + (end - start) * t : Self.spline(before, start, end, after, at: t)
        let next = distortion(point)
        let progress = (Float(span) + t) / Float(spans)
        canvas.draw(
          from: previous, to: next, radius: pen.radius * (1 + pen.taper * (0.5 - progress)), softness: pen.softness,
          strength: pen.strength)
        previous = next
      }
    }
  }

  /// The uniform Catmull-Rom spline between `b` and `c`.
  private static func spline(
    _ a: SIMD2<Float>, _ b: SIMD2<Float>, _ c: SIMD2<Float>, _ d: SIMD2<Float>, at t: Float
  ) -> SIMD2<Float> {
    let linear = c - a
    let quadratic = 2 * a - 5 * b + 4 * c - d
    let cubic = 3 * (b - c) + d - a
    return b + 0.5 * t * (linear + t * (quadratic + t * cubic))
  }
}
