import Datasets
import Tensors

/// What a checkpoint says of the images that its network was trained on, as JSON in its metadata: all that somebody needs
/// to turn an image's bytes into the network's input, and the number of an output into a class.
struct DataDescription: Encodable {
  /// The name of the data set.
  let dataset: String
  /// Rows, columns and channels of an image.
  let image: ImageShape
  /// The name of each class, in the order of the outputs.
  let classes: [String]
  /// How bytes become numbers: `scale` for `lower + scale·byte`, a pair a channel; `gcn`; `zca`.
  let preparation: String
  /// What the byte 0 becomes in each channel; absent for `gcn` and `zca`.
  var lower: [Float]?
  /// What a step of 1 becomes in each channel; absent for `gcn` and `zca`.
  var scale: [Float]?

  init(_ data: LaneData) {
    (dataset, image, classes) = (data.dataset.name, data.dataset.training.shape, data.dataset.classes)
    switch data.preparation {
    case .scaled(let numbers): (preparation, lower, scale) = ("scale", numbers.lower, numbers.scale)
    case .contrasts: preparation = "gcn"
    case .whitened: preparation = "zca"
    }
  }
}
