/// What an image's header says.
struct ImageHeader: Hashable, Sendable {
  let width: Int
  let height: Int
  /// 1 for grey, 3 for red, green and blue.
  let channels: Int
  /// Bits of a stored value: 16, or 8 for 8 and fewer.
  var depth = 8
  /// Whether each pixel has an alpha beside its channels.
  var hasAlpha = false
  /// Which way is up, as EXIF counts it; 1 for upright, and where nothing is said.
  var orientation = 1
  /// What the decoder warned of; nil where all is in order.
  var warning: String?

  /// The number of values without alpha: `width * height * channels`.
  var count: Int { width * height * channels }

  /// Width and height.
  var size: String { "\(width) × \(height)" }
}
