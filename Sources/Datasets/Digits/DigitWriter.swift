internal import Tensors

/// Writes digits on a reusable canvas.
struct DigitWriter {
  private var canvas = DigitCanvas()
  /// The jittered points of the current stroke, in box units.
  private var points: [SIMD2<Float>] = []

  /// Writes a digit with a random form, handwriting and pen.
  /// - Parameter pixels: the bytes of the image are appended to it.
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

  /// The pen of one image.
  private struct Pen {
    let radius: Float
    let softness: Float
    let strength: Float
    /// How much thinner a stroke is at its end than at its start, as a fraction of the radius.
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

  /// Chooses one of the ways of writing a digit, by weight.
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
      // At corners and ends the tangent is the chord.
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

  /// Returns a point of the uniform Catmull-Rom spline between `b` and `c`.
  private static func spline(
    _ a: SIMD2<Float>, _ b: SIMD2<Float>, _ c: SIMD2<Float>, _ d: SIMD2<Float>, at t: Float
  ) -> SIMD2<Float> {
    let linear = c - a
    let quadratic = 2 * a - 5 * b + 4 * c - d
    let cubic = 3 * (b - c) + d - a
    return b + 0.5 * t * (linear + t * (quadratic + t * cubic))
  }
}

/// A grey canvas.
struct DigitCanvas {
  /// The width and height in pixels.
  static let size = 28

  /// The ink of each pixel from 0 to 1, row-major.
  private var ink = [Float](repeating: 0, count: size * size)

  /// Clears the canvas.
  mutating func clear() {
    for index in ink.indices { ink[index] = 0 }
  }

  /// Draws a line segment with round ends, keeping the darker of old and new ink.
  /// - Parameters:
  ///   - start: in pixels.
  ///   - end: in pixels.
  ///   - radius: half the width of the pen.
  ///   - softness: the width of the edge in pixels.
  ///   - strength: the ink in the middle, from 0 to 1.
  mutating func draw(
    from start: SIMD2<Float>, to end: SIMD2<Float>, radius: Float, softness: Float, strength: Float
  ) {
    let reach = radius + softness / 2
    let last = Float(Self.size - 1)
    // The center of pixel (x, y) is (x + 0.5, y + 0.5).
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
  ///   - pixels: `size * size` bytes are appended to it.
  ///   - paperNoise: the largest grey on empty paper, from 0 to 1; half of the paper stays empty.
  ///   - inkNoise: the largest missing fraction of the ink.
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
