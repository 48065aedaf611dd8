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
    // Batches are shuffled anyway; in ascending order the images lie together in memory.
    validation = indices[..<validationCount].sorted()
    training = indices[validationCount...].sorted()
  }
}
