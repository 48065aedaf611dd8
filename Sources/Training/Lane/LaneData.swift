import Datasets
import NeuralNetworks
import Tensors

/// The images of a lane, and the order in which all lanes of an experiment see them.
struct LaneData: Sendable {
  /// The data set.
  let dataset: Dataset
  /// The division of training images into training and validation.
  let split: DataSplit
  /// The order of the training images in each epoch.
  let batches: BatchIterator
  /// How bytes are converted to the network's input.
  let preparation: ImagePreparation
  /// Random changes of training images.
  let augmentation: Augmentation
  /// Whether the next batch is assembled on another thread during computations on the current one.
  let assemblesAhead: Bool

  /// The description of the images for checkpoints.
  var description: DataDescription {
    let (name, shape, classes) = (dataset.name, dataset.training.shape, dataset.classes)
    return switch preparation {
    case .scaled(let pixels):
      DataDescription(dataset: name, image: shape, classes: classes, preparation: .scale, pixels: pixels)
    case .contrasts: DataDescription(dataset: name, image: shape, classes: classes, preparation: .gcn)
    case .whitened: DataDescription(dataset: name, image: shape, classes: classes, preparation: .zca)
    }
  }

  /// Remarks about the split.
  var notes: [String] {
    guard split.validation.count < dataset.classes.count || split.validation.count < 6 else { return [] }
    let count = split.validation.count == 1 ? "1 image is" : "\(split.validation.count) images are"
    return ["\(count) for validation, so its accuracy and the choice of the best epoch are unreliable"]
  }

  /// A part of a data set. Validation images belong to the training images.
  enum Part: Sendable {
    case training
    case test
  }

  /// Returns the images that contain a part.
  func images(of part: Part) -> ImageDataset { part == .training ? dataset.training : dataset.test }

  /// Splits a data set, and prepares its images, as an experiment says.
  /// - Parameters:
  ///   - threads: number of threads to prepare images, which does not affect the result.
  ///   - assemblesAhead: whether the lane may use another thread for its next batch.
  ///   - progress: called with the current work in a few words; an error that it throws cancels the work.
  /// - Throws: `DatasetError` if the data set is too small; `ExperimentError` if its images are too small or don't suit
  ///   the normalization.
  init(
    _ dataset: Dataset, experiment: Experiment, threads: Int, assemblesAhead: Bool = true,
    progress: (String) throws -> Void
  ) throws {
    (self.dataset, self.assemblesAhead) = (dataset, assemblesAhead)
    let count = dataset.training.count
    if let asked = experiment.validationCount {
      split = try DataSplit(count: count, validationCount: asked, seed: experiment.seed)
    } else if count < 6 {
      // A sixth would be zero images, and the untrained network would count as the best.
      split = try DataSplit(labels: dataset.training.labels, classes: dataset.classes, seed: experiment.seed)
    } else {
      split = try DataSplit(count: count, validationCount: min(10_000, count / 6), seed: experiment.seed)
    }
    batches = BatchIterator(indices: split.training, seed: experiment.seed)
    let images = dataset.training
    augmentation = experiment.augmentation
    let lengths = [
      ("crop", Float(augmentation.crop)), ("cutout", Float(augmentation.cutout)), ("shift", augmentation.shift),
    ]
    for (key, pixels) in lengths where pixels >= Float(min(images.width, images.height)) {
      throw ExperimentError(
        code: .unfit,
        message: "augmentation.\(key): expected less than the images' size, found \(pixels.short) of \(images.shape)"
      )
    }
    preparation = try ImagePreparation(
      dataset, split, experiment.normalization, inputRange: experiment.inputRange, threads: threads, progress: progress)
  }
}

extension Float {
  // Whole numbers without a decimal point.
  fileprivate var short: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
