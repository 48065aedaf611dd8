import Datasets
import Tensors

/// How the bytes of images are converted to the network's input.
enum ImagePreparation: Sendable {
  /// Scaling with a pair of numbers per channel, the same for all images.
  case scaled(PixelScale)
  /// Contrast normalization of each image.
  case contrasts
  /// Whitening by a map fitted to the training images; in advance if memory allows. Of the processor time of a step of
  /// the 50-100-200 convnet on 128 CIFAR-10 images, copying whitened images takes 0.1 %, and whitening them for each
  /// batch 12 %.
  case whitened(Whitening, training: WhitenedImages?, test: WhitenedImages?)

  /// If whitened images would take more than 1 GiB, they are whitened batch by batch. CIFAR-10 takes 0.7.
  static let largestWhitened = 1 << 30

  /// Prepares images as an experiment says.
  /// - Parameters:
  ///   - threads: number of threads to fit a map and whiten images, which does not affect the result.
  ///   - progress: called on the calling thread with the current work; an error that it throws cancels the work.
  /// - Throws: `ExperimentError` if the images don't suit the normalization.
  init(
    _ dataset: Dataset, _ split: DataSplit, _ normalization: Experiment.Normalization, inputRange: ClosedRange<Float>,
    threads: Int, progress: (String) throws -> Void
  ) throws {
    let images = dataset.training
    switch normalization {
    case .range: self = .scaled(PixelScale(range: inputRange, channels: images.channels))
    case .channels:
      self = .scaled(PixelScale(standardizing: images.pixels, of: split.training, shape: images.shape))
    case .gcn:
      try Self.checkContrast(of: dataset, split, normalization)
      self = .contrasts
    case .zca:
      try Self.checkContrast(of: dataset, split, normalization)
      do {
        let whitening = try Whitening(
          fitting: images.pixels, of: split.training, shape: images.shape, threads: threads, progress: progress)
        guard Self.isWhitenedOnce(dataset) else {
          self = .whitened(whitening, training: nil, test: nil)
          return
        }
        let parts = try [(dataset.training, "training"), (dataset.test, "test")].map { images, name in
          try WhitenedImages(images.pixels, whitening, threads: threads) {
            try progress("whitening: \(images.count) \(name) images, \(Int(100 * $0)) %")
          }
        }
        self = .whitened(whitening, training: parts[0], test: parts[1])
      } catch let error as WhiteningError {
        throw ExperimentError(code: .unfit, message: "normalization: zca: \(error)")
      }
    }
  }

  /// Returns the memory in bytes that prepared images take for all lanes together, besides the bytes read.
  static func byteCount(_ dataset: Dataset, _ normalization: Experiment.Normalization) -> Int {
    guard normalization == .zca else { return 0 }
    let features = dataset.training.featureCount
    return isWhitenedOnce(dataset) ? valueBytes(dataset) : features * features * 4
  }

  private static func isWhitenedOnce(_ dataset: Dataset) -> Bool {
    !dataset.training.pixels.staysInFile && !dataset.test.pixels.staysInFile && valueBytes(dataset) <= largestWhitened
  }

  private static func valueBytes(_ dataset: Dataset) -> Int {
    (dataset.training.count + dataset.test.count) * dataset.training.featureCount * 4
  }

  // Of a mapped file only the images that the map is fitted to are checked; other images without contrast become 0.
  private static func checkContrast(
    of dataset: Dataset, _ split: DataSplit, _ normalization: Experiment.Normalization
  ) throws {
    for (images, name) in [(dataset.training, "training"), (dataset.test, "test")] {
      let all = [Int32](0..<Int32(images.count))
      let looked = images.pixels.staysInFile ? (name == "test" ? [] : Whitening.sample(of: split.training)) : all
      guard
        let found = ContrastNormalization.firstWithoutContrast(images.pixels, of: looked, shape: images.shape)
      else { continue }
      throw ExperimentError(
        code: .unfit,
        message: """
          normalization: \(normalization.rawValue): expected images with contrast, found \(name) image \(found) \
          (counting from 0), whose values are all \(images.pixels[Int(found) * images.featureCount])
          """)
    }
  }
}
