private import TrainingMetrics

/// A data set: a training part, a test part, and what the classes are called.
package struct Dataset: Hashable, Sendable {
  /// The name it was asked for by, or the name of its folder.
  package let name: String
  /// The folder it was read from, or “built in”.
  package let origin: String
  /// Whether the data set is part of the program, and was read from nowhere.
  package let isBuiltIn: Bool
  /// The images to learn from; a validation part is split off them by `DataSplit`.
  package let training: ImageDataset
  /// The images for the final figure alone.
  package let test: ImageDataset
  /// The name of each class; a label is an index into it.
  package let classes: [String]
  /// What the reader ignored, guessed or changed, a sentence each with counts: “ignored 3 files in __MACOSX”.
  package let notes: [String]
  /// How the stored values of image files became bytes; nil where the files hold the bytes themselves.
  package let reading: PixelReading?

  /// A data set of two parts.
  /// - Parameters:
  ///   - training: images of the same size as those of `test`.
  ///   - classes: as many names as there are labels.
  ///   - notes: what the reader ignored, guessed or changed; empty where it took everything as it is.
  ///   - reading: how stored values became bytes.
  package init(
    name: String, origin: String, isBuiltIn: Bool = false, training: ImageDataset, test: ImageDataset,
    classes: [String], notes: [String] = [], reading: PixelReading? = nil
  ) {
    self.name = name
    self.origin = origin
    self.isBuiltIn = isBuiltIn
    self.training = training
    self.test = test
    self.classes = classes
    self.notes = notes.map(\.printableLine)
    self.reading = reading
  }
}
