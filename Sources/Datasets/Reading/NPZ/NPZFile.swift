private import FoundationEssentials
private import Tensors

/// A data set in a single NumPy file, as published by Keras (`x_train`, `y_train`, `x_test`, `y_test`) and MedMNIST
/// (`train_images`, `train_labels`, `test_images`, `test_labels`). Images are bytes of shape `[n, height, width]` or
/// `[n, height, width, channels]`.
struct NPZFile: DatasetFolder {
  static let contents = "one .npz file with x_train, y_train, x_test and y_test"

  /// The file.
  let path: String

  /// The names of a data set's arrays.
  private struct Names {
    let training: (images: String, labels: String)
    let test: (images: String, labels: String)
    /// Separate validation images, which not every set has.
    let validation: (images: String, labels: String)

    init(_ training: (String, String), _ test: (String, String), validation: (String, String)) {
      (self.training, self.test, self.validation) = (training, test, validation)
    }

    var needed: [String] { [training.images, training.labels, test.images, test.labels] }
    var all: [String] { needed + [validation.images, validation.labels] }
  }

  private static let forms = [
    Names(("x_train", "y_train"), ("x_test", "y_test"), validation: ("x_val", "y_val")),
    Names(
      ("train_images", "train_labels"), ("test_images", "test_labels"), validation: ("val_images", "val_labels")),
    Names(("X_train", "Y_train"), ("X_test", "Y_test"), validation: ("X_val", "Y_val")),
    Names(("X_train", "y_train"), ("X_test", "y_test"), validation: ("X_val", "y_val")),
  ]

  /// Returns whether a file is a NumPy archive.
  static func recognizes(_ path: String) -> Bool {
    ForeignFile.kind(at: path)?.isNumPyArchive ?? false
  }

  /// Returns the only such file in a directory; nil if there is none or more than one.
  static func only(in folder: String) -> NPZFile? {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.lowercased().hasSuffix(".npz") && !$0.hasPrefix(".")
    }
    guard names.count == 1, case let path = "\(folder)/\(names[0])", recognizes(path) else { return nil }
    return NPZFile(path: path)
  }

  var isComplete: Bool { Self.recognizes(path) }

  var isBegun: Bool { isComplete }

  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset {
    progress?("reading \(path)")
    let archive = try NPZArchive(path: path, reading: Set(Self.forms.flatMap(\.all)))
    guard let form = Self.forms.first(where: { $0.needed.allSatisfy { archive.arrays[$0] != nil } }) else {
      let found = archive.names.prefix(12).map { CSVText.visible($0.utf8) }.joined(separator: ", ")
      throw DatasetError(
        .wrongFormat, path: path,
        expected: "arrays x_train, y_train, x_test, y_test, or train_images, train_labels, test_images, test_labels",
        found: found.isEmpty ? "no array" : found)
    }
    var notes: [String] = []
    let ignored = archive.names.filter { !form.all.contains($0) }.map { CSVText.visible($0.utf8) }
    if !ignored.isEmpty {
      notes.append("ignored \(ignored.count) arrays: \(ignored.prefix(8).joined(separator: ", "))")
    }
    func part(_ names: (images: String, labels: String)) throws -> (images: NPYArray, labels: ClassTable.Part) {
      guard let images = archive.arrays[names.images], let labels = archive.arrays[names.labels] else {
        throw DatasetError(.notFound, path: path, expected: names.images, found: "none")
      }
      let shape = images.shape
      guard images.holdsBytes, shape.count == 3 || shape.count == 4 && (shape[3] == 1 || shape[3] == 3),
        !shape.contains(0)
      else {
        throw DatasetError(
          .wrongFormat, path: path,
          expected:
            "\(names.images) as bytes (uint8) of the shape [n, height, width], or with 1 or 3 channels at the end",
          found: "\(images.type) of the shape \(shape)")
      }
      guard labels.shape == [shape[0]] || labels.shape == [shape[0], 1] else {
        throw DatasetError(
          .mismatch, path: path, expected: "\(names.labels) with one label for each of \(shape[0]) images",
          found: "the shape \(labels.shape)")
      }
      return (images, ClassTable.Part(path: "\(path), \(names.labels)", labels: labels.numbers()))
    }
    var training = try part(form.training)
    let test = try part(form.test)
    if archive.arrays[form.validation.images] != nil, archive.arrays[form.validation.labels] != nil {
      let more = try part(form.validation)
      let count = more.images.shape[0]
      guard let images = training.images.appending(more.images) else {
        throw DatasetError(
          .mismatch, path: path,
          expected: "images of one size in \(form.training.images) and \(form.validation.images)",
          found: "the shapes \(training.images.shape) and \(more.images.shape)")
      }
      training = (
        images, ClassTable.Part(path: training.labels.path, labels: training.labels.labels + more.labels.labels)
      )
      notes.append(
        "added the \(count) images of \(form.validation.images) to the training images; validation images are split "
          + "off from all of these")
    }
    guard training.images.shape[1...] == test.images.shape[1...] else {
      throw DatasetError(
        .mismatch, path: path, expected: "training and test images of one size",
        found: "\(training.images.shape[1...].map(String.init).joined(separator: " × ")) and "
          + test.images.shape[1...].map(String.init).joined(separator: " × "))
    }
    let table = try ClassTable(training: training.labels, test: test.labels, names: classes)
    func images(_ array: NPYArray, _ labels: [UInt8]) -> ImageDataset {
      ImageDataset(
        width: array.shape[2], height: array.shape[1], channels: array.shape.count == 4 ? array.shape[3] : 1,
        pixels: ByteStorage(array.bytes), labels: labels)
    }
    let learned = images(training.images, table.training)
    return Dataset(
      name: name, origin: path, training: learned, test: images(test.images, table.test), classes: table.classes,
      notes: notes + table.notes + learned.notes)
  }
}
