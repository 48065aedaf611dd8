internal import Tensors

/// The order of the images in each epoch.
///
/// The order of epoch `e` is a pure function of the indices, the seed and `e`: lanes with the same seed see the same
/// batches, and a run that continues at epoch 40 need not iterate over the epochs before.
package struct BatchIterator: Hashable, Sendable {
  /// The images of an epoch.
  package let indices: [Int32]
  /// The seed.
  package let seed: UInt64

  /// An iterator over images.
  package init(indices: [Int32], seed: UInt64) {
    self.indices = indices
    self.seed = seed
  }

  /// Returns all indices in the order of an epoch. Consecutive slices of it are the batches.
  /// - Parameter epoch: the epoch, from 0.
  package func order(epoch: Int) -> [Int32] {
    precondition(epoch >= 0, "epochs count from 0")
    var order = indices
    var generator = Philox(seed: seed, stream: DatasetStream.batchOrder(epoch: epoch))
    generator.shuffle(&order)
    return order
  }
}

/// The random streams of this target: the upper byte is the purpose, the rest is an index.
///
/// Other targets use the same seed with streams whose upper byte is not in 0xD0...0xDF.
enum DatasetStream {
  /// The split into training and validation images.
  static let split: UInt64 = 0xD0 << 56

  /// The order of the images in an epoch.
  static func batchOrder(epoch: Int) -> UInt64 { 0xD1 << 56 | UInt64(epoch) }

  /// The changes of an image in an epoch.
  static func augmentation(epoch: Int, image: Int32) -> UInt64 {
    0xD4 << 56 | UInt64(epoch & 0xFF_FFFF) << 32 | UInt64(UInt32(bitPattern: image))
  }

  /// A generated digit of the training part.
  static func trainingDigit(_ index: Int) -> UInt64 { 0xD2 << 56 | UInt64(index) }

  /// A generated digit of the test part.
  static func testDigit(_ index: Int) -> UInt64 { 0xD3 << 56 | UInt64(index) }
}

/// A seeded split of training images into training and validation.
package struct DataSplit: Hashable, Sendable {
  /// The training images, ascending.
  package let training: [Int32]
  /// The validation images, ascending and disjoint from `training`.
  package let validation: [Int32]

  /// Splits `0..<count`.
  /// - Parameters:
  ///   - count: number of images.
  ///   - validationCount: number of validation images, drawn regardless of class; at least one image must be left.
  ///   - seed: determines the split.
  /// - Throws: `DatasetError` if `validationCount` is negative or leaves no training images.
  package init(count: Int, validationCount: Int, seed: UInt64) throws {
    guard count > 0, count <= Int32.max else {
      throw DatasetError(.outOfRange, "expected from 1 to \(Int32.max) images, found \(count)")
    }
    guard (0..<count).contains(validationCount) else {
      throw DatasetError(
        .outOfRange,
        "expected from 0 to \(count - 1) validation images out of \(count), found \(validationCount)")
    }
    var indices = [Int32](0..<Int32(count))
    var generator = Philox(seed: seed, stream: DatasetStream.split)
    generator.shuffle(&indices)
    self.init(validation: indices[..<validationCount], training: indices[validationCount...])
  }

  /// Splits a set that is too small for a fraction of it: one image per class is for validation.
  /// - Parameters:
  ///   - labels: the class of each image.
  ///   - classes: the class names.
  ///   - seed: determines the split.
  /// - Throws: `DatasetError` if a class has only one image, which would leave none to train on.
  package init(labels: [UInt8], classes: [String], seed: UInt64) throws {
    var indices = [Int32](0..<Int32(labels.count))
    var generator = Philox(seed: seed, stream: DatasetStream.split)
    generator.shuffle(&indices)
    var validation: [Int32] = []
    for label in Set(labels).sorted() {
      let members = indices.filter { labels[Int($0)] == label }
      guard members.count > 1 else {
        let name = classes.indices.contains(Int(label)) ? classes[Int(label)] : "\(label)"
        throw DatasetError(
          .outOfRange,
          "expected at least 2 training images of each class, one of them to validate on; "
            + "found 1 of class \(name)")
      }
      validation.append(members[0])
    }
    self.init(validation: validation[...], training: indices.filter { !validation.contains($0) }[...])
  }

  private init(validation: ArraySlice<Int32>, training: ArraySlice<Int32>) {
    // Batches are shuffled anyway, and ascending order improves memory locality.
    self.validation = validation.sorted()
    self.training = training.sorted()
  }
}
