package import Datasets
import NeuralNetworks
package import Tensors
import TrainingMetrics

/// The images on which a packed network is compared with the trainer's.
package struct CheckImages {
  /// All bytes, one image after the other.
  package let pixels: ByteStorage
  /// The class of each image in `pixels`; empty if unknown.
  package let labels: [UInt8]
  /// Which images are compared.
  package let indices: [Int32]
  /// What they are: “10,000 test images of fashion-mnist”.
  package let words: String
  /// Why random images are used instead of test images; nil if they are not.
  package let note: String?

  private let size: Int

  /// The test images of a data set.
  package init(testOf dataset: Dataset) {
    self.init(dataset.test, Array(0..<Int32(dataset.test.count)), "test images of \(dataset.name)")
  }

  /// The validation images of a run.
  init(validationOf data: LaneData) {
    self.init(data.dataset.training, data.split.validation, "validation images of \(data.dataset.name)")
  }

  /// The test images of the data set that a lane was trained on; random images if it is gone.
  package init(_ lane: TrainedLane, environment: [String: String]) {
    do {
      self.init(testOf: try lane.dataset(environment: environment))
    } catch {
      // Noise suffices: both networks must give equal results for any image.
      let (count, size) = (200, lane.checkpoint.data.image.features)
      var draws = Philox(seed: 1)
      self.init(
        pixels: ByteStorage((0..<count * size).map { _ in UInt8(draws.next() & 255) }), labels: [],
        indices: Array(0..<Int32(count)), words: "\(count) random images",
        note: "the test images can't be read: \(error)", size: size)
    }
  }

  private init(_ images: ImageDataset, _ indices: [Int32], _ words: String) {
    self.init(
      pixels: images.pixels, labels: images.labels, indices: indices,
      words: "\(NumberFormat.grouped(indices.count)) \(words)", note: nil, size: images.featureCount)
  }

  private init(
    pixels: ByteStorage, labels: [UInt8], indices: [Int32], words: String, note: String?, size: Int
  ) {
    (self.pixels, self.labels, self.indices) = (pixels, labels, indices)
    (self.words, self.note, self.size) = (words, note, size)
  }

  /// The bytes of the first images.
  package func first(_ count: Int) -> [[UInt8]] {
    indices.prefix(count).map { image in (Int(image) * size..<(Int(image) + 1) * size).map { pixels[$0] } }
  }
}
