import Datasets

/// The images a lane trains on, and the order in which all lanes of an experiment see them.
struct LaneData: Sendable {
  /// The data set.
  let dataset: Dataset
  /// Which training images are for training and which for validation.
  let split: DataSplit
  /// The order of the training images in each epoch.
  let batches: BatchIterator
  /// Pixels 0...255 go linearly to this range.
  let inputRange: ClosedRange<Float>

  /// Splits a data set as an experiment says.
  /// - Throws: `DatasetError` where the data set is too small.
  init(_ dataset: Dataset, experiment: Experiment) throws {
    self.dataset = dataset
    let count = dataset.training.count
    split = try DataSplit(
      count: count, validationCount: experiment.validationCount ?? min(10_000, count / 6), seed: experiment.seed)
    batches = BatchIterator(indices: split.training, seed: experiment.seed)
    inputRange = experiment.inputRange
  }
}
