internal import Tensors

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
