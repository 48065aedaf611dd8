internal import Tensors

/// The order in which the images of an epoch are seen.
///
/// The order of epoch `e` is a pure function of the indices, the seed and `e`: lanes with one seed see the same
/// batches, and a run that goes on at epoch 40 need not walk through the epochs before.
package struct BatchIterator: Hashable, Sendable {
  /// The images of an epoch.
  package let indices: [Int32]
  /// The seed of all orders.
  package let seed: UInt64

  /// An iterator over images.
  package init(indices: [Int32], seed: UInt64) {
    self.indices = indices
    self.seed = seed
  }

  /// All indices, each once, in the order of an epoch; consecutive slices of it are the batches.
  /// - Parameter epoch: 0 for the first; not negative.
  package func order(epoch: Int) -> [Int32] {
    precondition(epoch >= 0, "epochs count from 0")
    var order = indices
    var generator = Philox(seed: seed, stream: DatasetStream.batchOrder(epoch: epoch))
    generator.shuffle(&order)
    return order
  }
}

/// The random streams of this room: the upper byte says what for, the rest is an index.
///
/// Other rooms draw under the same seed, from streams whose upper byte is not 0xD0 to 0xDF.
enum DatasetStream {
  /// The division into training and validation images.
  static let split: UInt64 = 0xD0 << 56

  /// The order of the images in an epoch.
  static func batchOrder(epoch: Int) -> UInt64 { 0xD1 << 56 | UInt64(epoch) }

  /// How an image is changed in an epoch.
  static func augmentation(epoch: Int, image: Int32) -> UInt64 {
    0xD4 << 56 | UInt64(epoch & 0xFF_FFFF) << 32 | UInt64(UInt32(bitPattern: image))
  }

  /// What a drawn digit of the training part looks like.
  static func trainingDigit(_ index: Int) -> UInt64 { 0xD2 << 56 | UInt64(index) }

  /// What a drawn digit of the test part looks like.
  static func testDigit(_ index: Int) -> UInt64 { 0xD3 << 56 | UInt64(index) }
}

/// A seeded division of a training part into images to learn from and images to validate on.
package struct DataSplit: Hashable, Sendable {
  /// The images to learn from, ascending.
  package let training: [Int32]
  /// The images to validate on, ascending; none of them in `training`.
  package let validation: [Int32]

  /// Divides `0..<count`: every index stands in exactly one part.
  /// - Parameters:
  ///   - count: the number of images.
  ///   - validationCount: how many to validate on, drawn without regard to class; at least one image must be left.
  ///   - seed: the same seed gives the same parts.
  /// - Throws: `DatasetError` where `validationCount` is negative or leaves nothing to learn from.
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

  /// Divides a set too small for a share of it: one image of each class is for validation.
  /// - Parameters:
  ///   - labels: the class of each image.
  ///   - classes: the names of the classes.
  ///   - seed: the same seed gives the same parts.
  /// - Throws: `DatasetError` where a class has a single image: nothing would be left to learn it from.
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
    // Batches are shuffled anyway; in ascending order the images lie together in memory.
    self.validation = validation.sorted()
    self.training = training.sorted()
  }
}
