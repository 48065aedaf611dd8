/// The size of an image: `height·width` pixels of `channels` values, stored as NHWC.
///
/// A batch of images is a tensor of shape `[batch·height·width, channels]`, or flattened `[batch, height·width·channels]`: the
/// same memory.
package struct ImageShape: Hashable, Codable, Sendable, CustomStringConvertible {
  /// Rows of pixels.
  package var height: Int
  /// Pixels of a row.
  package var width: Int
  /// Values of a pixel.
  package var channels: Int

  /// A size.
  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// A vector: one pixel with all values.
  package init(features: Int) { self.init(height: 1, width: 1, channels: features) }

  /// How many pixels.
  package var pixels: Int { height * width }
  /// How many values.
  package var features: Int { pixels * channels }

  /// “32×32×3”, of a vector “10”.
  package var description: String { pixels == 1 ? "\(channels)" : "\(height)×\(width)×\(channels)" }
}
