package import Tensors
private import TrainingMetrics

/// A data set: a training part, a test part, and what the classes are called.
package struct Dataset: Hashable, Sendable {
  /// The name it was asked for by, or the name of its folder.
  package let name: String
  /// The folder it was read from, or “built in”.
  package let origin: String
  /// Whether the data set is part of the program, and was read from nowhere.
  package let isBuiltIn: Bool
  /// The images to learn from; a validation part is split off them by `DataSplit`.
  package let training: ImageDataset
  /// The images for the final figure alone.
  package let test: ImageDataset
  /// The name of each class; a label is an index into it.
  package let classes: [String]
  /// What the reader ignored, guessed or changed, a sentence each with counts: “ignored 3 files in __MACOSX”.
  package let notes: [String]
  /// How the stored values of image files became bytes; nil where the files hold the bytes themselves.
  package let reading: PixelReading?

  /// A data set of two parts.
  /// - Parameters:
  ///   - training: images of the same size as those of `test`.
  ///   - classes: as many names as there are labels.
  ///   - notes: what the reader ignored, guessed or changed; empty where it took everything as it is.
  ///   - reading: how stored values became bytes.
  package init(
    name: String, origin: String, isBuiltIn: Bool = false, training: ImageDataset, test: ImageDataset,
    classes: [String], notes: [String] = [], reading: PixelReading? = nil
  ) {
    self.name = name
    self.origin = origin
    self.isBuiltIn = isBuiltIn
    self.training = training
    self.test = test
    self.classes = classes
    self.notes = notes.map(\.printableLine)
    self.reading = reading
  }
}

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

extension ImageDataset {
  /// What is strange about the images, a sentence each: those of a single value, and a range far below 255.
  var notes: [String] {
    guard count > 0 else { return [] }
    var notes: [String] = []
    let (constant, largest) = withPixels { bytes in
      let constant = (0..<count).count { image in
        let values = bytes[image * featureCount..<(image + 1) * featureCount]
        return values.allSatisfy { $0 == values[values.startIndex] }
      }
      return (constant, bytes.max() ?? 0)
    }
    if constant > 0 {
      notes.append("\(constant) of \(count) training images are of a single value: nothing can be seen on them")
    }
    if largest <= 64, constant < count {
      notes.append("the largest pixel of the training images is \(largest), not 255: the values are taken as they are")
    }
    return notes
  }

  private func withPixels<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
    pixels.withContiguousStorageIfAvailable(body) ?? [UInt8](pixels).withUnsafeBufferPointer(body)
  }
}
