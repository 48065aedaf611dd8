import Datasets
import Tensors

extension Dataset {
  /// SHA-256 of all images and labels: tells whether a run that is gone on with finds the data that it began with.
  var digest: String {
    let parts = [training, test].flatMap { images in
      [TensorDigest.sha256(images.pixels), TensorDigest.sha256(images.labels)]
    }
    return TensorDigest.sha256(Array(parts.joined().utf8))
  }
}
