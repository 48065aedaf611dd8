/// Statistics of all images that determine how they are read: counts and sums that can be added in any order.
struct PixelSurvey: Sendable {
  /// Number of images in colour, and of grey ones.
  var colored = 0
  var grey = 0
  /// Number of 16-bit images, and their largest value.
  var deep = 0
  var largestValue = 0
  /// Number of images with a transparent pixel.
  var transparent = 0
  // Sums over these images: of alpha, and of alpha times grey; separately for 16-bit values, whose scale is not known
  // yet.
  private var alpha = 0
  private var ink = 0
  private var deepInk = 0

  /// No images.
  init() {}

  /// Adds an image. Samples are required for images with alpha or 16 bits.
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

  /// Adds other statistics.
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

  /// Returns the mean grey level, 0...255, of transparent images, weighted by alpha.
  /// - Parameter largest: the 16-bit value that becomes 255.
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
