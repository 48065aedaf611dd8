package import Tensors

/// What a checkpoint says of the images that its network was trained on, as JSON in its metadata: all that somebody needs
/// to turn an image's bytes into the network's input, and the number of an output into a class.
package struct DataDescription: Hashable, Codable, Sendable {
  /// How bytes become numbers.
  package enum Preparation: String, Hashable, Codable, Sendable {
    /// `lower + scale·byte`, a pair a channel.
    case scale
    /// Each image gets mean 0 and norm 55; see `ContrastNormalization`.
    case gcn
    /// The same, whitened by the run's `whitening.safetensors`.
    case zca
  }

  /// The name of the data set.
  package let dataset: String
  /// Rows, columns and channels of an image.
  package let image: ImageShape
  /// The name of each class, in the order of the outputs.
  package let classes: [String]
  /// How bytes become numbers.
  package let preparation: Preparation
  /// What the byte 0 becomes in each channel; absent for `gcn` and `zca`.
  package let lower: [Float]?
  /// What a step of 1 becomes in each channel; absent for `gcn` and `zca`.
  package let scale: [Float]?

  /// Describes images.
  /// - Parameter pixels: how bytes become numbers, with the preparation `scale`.
  package init(
    dataset: String, image: ImageShape, classes: [String], preparation: Preparation, pixels: PixelScale? = nil
  ) {
    self.dataset = dataset
    self.image = image
    self.classes = classes
    self.preparation = preparation
    (lower, scale) = (pixels?.lower, pixels?.scale)
  }

  /// How bytes become numbers; nil with the preparations `gcn` and `zca`, and where it is not told.
  package var pixelScale: PixelScale? {
    guard preparation == .scale, let lower, let scale, lower.count == image.channels, scale.count == image.channels
    else { return nil }
    return PixelScale(lower: lower, scale: scale)
  }

  /// Turns images into the input of the network.
  /// - Parameters:
  ///   - tensor: becomes `[images, height·width·channels]`.
  ///   - pixels: bytes of images, one after the other, each `height·width·channels`.
  ///   - indices: the images that are asked for.
  /// - Throws: `NetworkError` where the checkpoint alone does not tell how.
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
        layer: "input", expected: "images that a checkpoint can prepare alone",
        found: "such that the run's whitening.safetensors whitens")
    }
  }
}
