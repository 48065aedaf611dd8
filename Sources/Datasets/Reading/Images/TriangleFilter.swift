/// Resizes images with a triangle (bilinear) filter whose width grows with the reduction, so that every source pixel counts.
///
/// Each axis is filtered alone, the width first, and rounded to bytes in between. With `n` source pixels, `m` target pixels,
/// `s = n/m` and `w = max(s, 1)`, target pixel `i` is the sum of source pixels `j` weighted by
/// `max(0, 1 - |j + 0.5 - (i + 0.5)·s| / w)`, normalized to a sum of 1 and rounded to 22 binary digits. The source pixels are
/// those from `⌊(i + 0.5)·s - w + 0.5⌋` to `⌊(i + 0.5)·s + w + 0.5⌋ - 1` that lie in the image. This is the arithmetic of
/// Pillow's `resize(size, Image.Resampling.BILINEAR)`, which takes the height first in some cases, and then differs by at most 1.
enum TriangleFilter {
  private static let fractionBits = 22

  /// Returns resized bytes.
  /// - Parameters:
  ///   - bytes: shape `[height, width, channels]`.
  ///   - channels: number of values per pixel.
  ///   - size: width and height of `bytes`.
  ///   - target: width and height of the result.
  static func resize(
    _ bytes: [UInt8], channels: Int, from size: (width: Int, height: Int), to target: (width: Int, height: Int)
  ) -> [UInt8] {
    var bytes = bytes
    if target.width != size.width {
      // Along a row, neighbours are `channels` bytes apart.
      bytes = filter(bytes, lines: size.height, count: size.width, to: target.width, step: channels)
    }
    if target.height != size.height {
      // The whole image is one line, whose elements are rows.
      bytes = filter(bytes, lines: 1, count: size.height, to: target.height, step: target.width * channels)
    }
    return bytes
  }

  /// Filters `lines` lines of `count` elements of `step` bytes.
  private static func filter(_ bytes: [UInt8], lines: Int, count: Int, to target: Int, step: Int) -> [UInt8] {
    let windows = (0..<target).map { window(of: $0, count: count, target: target) }
    var result = [UInt8](repeating: 0, count: lines * target * step)
    for line in 0..<lines {
      for (index, window) in windows.enumerated() {
        let start = (line * count + window.first) * step
        let place = (line * target + index) * step
        for offset in 0..<step {
          var sum = 1 << (fractionBits - 1)
          var source = start + offset
          for weight in window.weights {
            sum += weight * Int(bytes[source])
            source += step
          }
          result[place + offset] = UInt8(max(0, min(255, sum >> fractionBits)))
        }
      }
    }
    return result
  }

  private static func window(of index: Int, count: Int, target: Int) -> (first: Int, weights: [Int]) {
    let scale = Double(count) / Double(target)
    let width = max(scale, 1)
    let center = (Double(index) + 0.5) * scale
    let first = max(0, Int(center - width + 0.5))
    let end = min(count, Int(center + width + 0.5))
    let weights = (first..<end).map { max(0, 1 - abs((Double($0) - center + 0.5) / width)) }
    let sum = weights.reduce(0, +)
    return (first, weights.map { Int(0.5 + $0 / sum * Double(1 << fractionBits)) })
  }
}
