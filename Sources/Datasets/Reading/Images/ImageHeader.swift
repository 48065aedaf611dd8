/// The size of an image, and whether it is grey or in colour.
struct ImageHeader: Hashable, Sendable {
  let width: Int
  let height: Int
  /// 1 for grey, 3 for red, green and blue.
  let channels: Int

  /// The number of values: `width * height * channels`.
  var count: Int { width * height * channels }

  /// Whether another image has the same width and height.
  func hasSize(of other: ImageHeader) -> Bool { width == other.width && height == other.height }

  /// Width and height.
  var size: String { "\(width) × \(height)" }
}
