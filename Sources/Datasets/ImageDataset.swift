package import Tensors

/// Labelled images: one part of a data set, training or test.
package struct ImageDataset: Hashable, Sendable {
  /// The width of every image in pixels.
  package let width: Int
  /// The height of every image in pixels.
  package let height: Int
  /// The values of a pixel: 1 for grey.
  package let channels: Int
  /// All images, shape `[count, height, width, channels]`, row-major; 0 is background, 255 full.
  package let pixels: ByteStorage
  /// The class of each image, shape `[count]`.
  package let labels: [UInt8]

  /// Labelled images of one size.
  /// - Parameters:
  ///   - pixels: shape `[labels.count, height, width, channels]`, row-major.
  ///   - labels: one class an image.
  package init(width: Int, height: Int, channels: Int, pixels: ByteStorage, labels: [UInt8]) {
    precondition(width > 0 && height > 0 && channels > 0, "images need at least one value")
    precondition(pixels.count == labels.count * width * height * channels, "one label belongs to each image")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
    self.labels = labels
  }

  /// The number of images.
  package var count: Int { labels.count }

  /// The size of an image.
  package var shape: ImageShape { ImageShape(height: height, width: width, channels: channels) }

  /// The number of values of an image: `width * height * channels`.
  package var featureCount: Int { width * height * channels }
}
