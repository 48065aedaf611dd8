package import Tensors

/// The description of a network's training images in a checkpoint's metadata, as JSON. It is enough to convert an
/// image's bytes to the network's input, and an output's index to a class.
package struct DataDescription: Hashable, Codable, Sendable {
  /// How bytes are converted to the network's input.
  package enum Preparation: String, Hashable, Codable, Sendable {
    /// `lower + scale·byte`, with one pair of numbers per channel.
    case scale
    /// Each image gets mean 0 and norm 55; see `ContrastNormalization`.
    case gcn
    /// As `gcn`, then whitened with the run's `whitening.safetensors`.
    case zca
  }

  /// The name of the data set.
  package let dataset: String
  /// Rows, columns and channels of an image.
  package let image: ImageShape
  /// The class names, in the order of the outputs.
  package let classes: [String]
  /// How bytes are converted to the network's input.
  package let preparation: Preparation
  /// The value of byte 0 per channel; absent for `gcn` and `zca`.
  package let lower: [Float]?
  /// The difference between consecutive byte values per channel; absent for `gcn` and `zca`.
  package let scale: [Float]?

  /// Describes images.
  /// - Parameter pixels: the conversion of bytes, for the preparation `scale`.
  package init(
    dataset: String, image: ImageShape, classes: [String], preparation: Preparation, pixels: PixelScale? = nil
  ) {
    self.dataset = dataset
    self.image = image
    self.classes = classes
    self.preparation = preparation
    (lower, scale) = (pixels?.lower, pixels?.scale)
  }

  /// The conversion of bytes; nil for the preparations `gcn` and `zca`, and if it is missing.
  package var pixelScale: PixelScale? {
    guard preparation == .scale, let lower, let scale, lower.count == image.channels, scale.count == image.channels
    else { return nil }
    return PixelScale(lower: lower, scale: scale)
  }

  /// Converts images to the network's input.
  /// - Parameters:
  ///   - tensor: receives the input, shape `[images, height·width·channels]`.
  ///   - pixels: bytes of all images in order, `height·width·channels` each.
  ///   - indices: the images to convert.
  /// - Throws: `NetworkError` if the checkpoint does not contain enough information.
  package func prepare(_ tensor: Tensor, of pixels: ByteStorage, _ indices: ArraySlice<Int32>) throws {
    switch preparation {
    case .gcn: tensor.gatherContrasts(pixels, indices, shape: image)
    case .scale:
      guard let pixelScale else {
        throw NetworkError(
          layer: "input", expected: "“lower” and “scale” for \(image.channels) channels",
          found: "\(lower?.count ?? 0) and \(scale?.count ?? 0)")
      }
      tensor.gather(pixels, indices, shape: image, scale: pixelScale)
    case .zca:
      throw NetworkError(
        layer: "input", expected: "images that a checkpoint alone can prepare",
        found: "images that require the run's whitening.safetensors")
    }
  }
}
