private import FoundationEssentials

/// A folder with the four files of a data set in IDX format.
struct IDXFolder: DatasetFolder {
  static let contents: String = {
    let names = Part.allCases.map(\.fileNames[0]).joined(separator: ", ")
    return "the four IDX files (\(names), plain or .gz)"
  }()

  /// One of the four files.
  enum Part: String, CaseIterable, Sendable {
    case trainingImages = "train-images"
    case trainingLabels = "train-labels"
    case testImages = "t10k-images"
    case testLabels = "t10k-labels"

    /// The dimensions of its data.
    var dimensions: Int { self == .trainingImages || self == .testImages ? 3 : 1 }

    /// The names it goes by, the plain file before the compressed one.
    var fileNames: [String] {
      ["-", "."].map { "\(rawValue)\($0)idx\(dimensions)-ubyte" }.flatMap { [$0, $0 + ".gz"] }
    }

    /// The name under which it is published.
    var compressedName: String { "\(rawValue)-idx\(dimensions)-ubyte.gz" }
  }

  /// The folder.
  let path: String

  /// The path of a part, or nil where it is missing.
  func file(of part: Part) -> String? {
    part.fileNames.lazy.map { "\(path)/\($0)" }.first { FileManager.default.isFile($0) }
  }

  /// The parts that are missing.
  var missing: [Part] { Part.allCases.filter { file(of: $0) == nil } }

  var isComplete: Bool { missing.isEmpty }

  var isBegun: Bool { missing.count < Part.allCases.count }

  // Without names the classes are 0 to the largest training label.
  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset {
    let training = try part(images: .trainingImages, labels: .trainingLabels, progress: progress)
    let test = try part(images: .testImages, labels: .testLabels, progress: progress)
    guard training.width == test.width, training.height == test.height else {
      throw DatasetError(
        .mismatch, path: path, expected: "training and test images of one size",
        found: "\(training.width) × \(training.height) and \(test.width) × \(test.height)")
    }
    let classes = try classes ?? Dataset.countedClasses(training.labels, path: path)
    for (part, labels) in [(Part.trainingLabels, training.labels), (.testLabels, test.labels)] {
      if let index = labels.firstIndex(where: { Int($0) >= classes.count }) {
        throw DatasetError(
          .invalidLabel, path: file(of: part) ?? path, expected: "labels from 0 to \(classes.count - 1)",
          found: "\(labels[index]) at index \(index)")
      }
    }
    return Dataset(name: name, origin: path, training: training, test: test, classes: classes)
  }

  private func part(images: Part, labels: Part, progress: ((String) -> Void)?) throws -> ImageDataset {
    let images = try read(images, progress: progress)
    let labels = try read(labels, progress: progress)
    guard images.shape[0] == labels.shape[0] else {
      throw DatasetError(
        .mismatch, path: labels.path, expected: "\(images.shape[0]) labels for the images of \(images.path)",
        found: "\(labels.shape[0])")
    }
    return ImageDataset(
      width: images.shape[2], height: images.shape[1], channels: 1, pixels: images.bytes, labels: [UInt8](labels.bytes))
  }

  private func read(_ part: Part, progress: ((String) -> Void)?) throws -> IDXFile {
    guard let file = file(of: part) else {
      let names = part.fileNames.joined(separator: ", ")
      throw DatasetError(.notFound, "\(path): \(part.rawValue) is missing: expected one of \(names), found none")
    }
    progress?("reading \(file)")
    return try IDXFile(path: file, dimensions: part.dimensions)
  }
}
