import Datasets
import Tensors

extension Dataset {
  /// SHA-256 of the pixels to learn from: tells whether a run that is gone on with finds the images it began with.
  var digest: String { TensorDigest.sha256(training.pixels) }
}
