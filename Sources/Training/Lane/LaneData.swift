import Datasets
import Tensors

/// The images a lane trains on, and the order in which all lanes of an experiment see them.
struct LaneData: Sendable {
  /// The data set.
  let dataset: Dataset
  /// Which training images are for training and which for validation.
  let split: DataSplit
  /// The order of the training images in each epoch.
  let batches: BatchIterator
  /// How bytes become numbers.
  let pixelScale: PixelScale
  /// How training images are changed at random.
  let augmentation: Augmentation

  /// Splits a data set as an experiment says.
  /// - Throws: `DatasetError` where the data set is too small, `ExperimentError` where its images are.
  init(_ dataset: Dataset, experiment: Experiment) throws {
    self.dataset = dataset
    let count = dataset.training.count
    split = try DataSplit(
      count: count, validationCount: experiment.validationCount ?? min(10_000, count / 6), seed: experiment.seed)
    batches = BatchIterator(indices: split.training, seed: experiment.seed)
    let images = dataset.training
    pixelScale =
      switch experiment.normalization {
      case .range: PixelScale(range: experiment.inputRange, channels: images.channels)
      case .channels: PixelScale(standardizing: images.pixels, of: split.training, shape: images.shape)
      }
    augmentation = experiment.augmentation
    for (key, pixels) in [("crop", augmentation.crop), ("cutout", augmentation.cutout)]
    where pixels >= min(images.width, images.height) {
      throw ExperimentError(
        code: .unfit,
        message: "augmentation.\(key): expected less than the images' side, found \(pixels) of \(images.shape)"
      )
    }
  }
}
