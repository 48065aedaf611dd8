/// What must be known of all images before the first of them can be read: counts and sums that add up in any order.
struct PixelSurvey: Sendable {
  /// Images in colour, and grey ones.
  var colored = 0
  var grey = 0
  /// Images of 16 bits, and the largest of their values.
  var deep = 0
  var largestValue = 0
  /// Images with a pixel that is not opaque.
  var transparent = 0
  // Sums over these: of alpha, and of alpha times grey; values of 16 bits apart, for their scale is not known yet.
  private var alpha = 0
  private var ink = 0
  private var deepInk = 0

  /// Nothing was seen yet.
  init() {}

  /// Adds an image. Samples are needed of those with alpha or 16 bits.
  mutating func add(_ header: ImageHeader, _ samples: ImageSamples?) {
    if header.channels == 3 { colored += 1 } else { grey += 1 }
    let values = header.channels + (header.hasAlpha ? 1 : 0)
    switch samples {
    case .bytes(let bytes)?:
      if header.hasAlpha { addInk(bytes, header.channels, alpha: { Int($0) }, sum: \.ink) }
    case .words(let words)?:
      deep += 1
      for (index, value) in words.enumerated() where !header.hasAlpha || index % values < header.channels {
        largestValue = max(largestValue, Int(value))
      }
      if header.hasAlpha {
        addInk(words, header.channels, alpha: { Int(PixelReading.byte(ofAlpha: $0)) }, sum: \.deepInk)
      }
    case nil: break
    }
  }

  /// Adds what was seen elsewhere.
  mutating func add(_ other: PixelSurvey) {
    colored += other.colored
    grey += other.grey
    deep += other.deep
    largestValue = max(largestValue, other.largestValue)
    transparent += other.transparent
    alpha += other.alpha
    ink += other.ink
    deepInk += other.deepInk
  }

  /// The mean grey, 0...255, of what is drawn on transparent ground: weighted by alpha, over the images that have any.
  /// - Parameter largest: the value of 16 bits that becomes 255.
  func meanInk(largest: Int) -> Double {
    alpha == 0 ? 255 : (Double(ink) + 255 * Double(deepInk) / Double(max(1, largest))) / Double(alpha)
  }

  private mutating func addInk<Value: FixedWidthInteger>(
    _ samples: [Value], _ channels: Int, alpha weight: (Value) -> Int, sum: WritableKeyPath<PixelSurvey, Int>
  ) {
    var (weights, weighted, isOpaque) = (0, 0, true)
    for start in stride(from: 0, to: samples.count, by: channels + 1) {
      let alpha = weight(samples[start + channels])
      let value =
        channels == 1
        ? samples[start] : PixelReading.grey(samples[start], samples[start + 1], samples[start + 2])
      if alpha < 255 { isOpaque = false }
      weights += alpha
      weighted += alpha * Int(value)
    }
    guard !isOpaque else { return }
    transparent += 1
    alpha += weights
    self[keyPath: sum] += weighted
  }
}
