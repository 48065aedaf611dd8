import Datasets
import Tensors

extension Dataset {
  /// SHA-256 of all images and labels: tells whether a run that is gone on with finds the data that it began with.
  var digest: String {
    let parts = [training.pixels, training.labels, test.pixels, test.labels].map { TensorDigest.sha256($0) }
    return TensorDigest.sha256(Array(parts.joined().utf8))
  }
}
