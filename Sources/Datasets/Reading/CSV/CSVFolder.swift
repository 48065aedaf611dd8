private import FoundationEssentials
private import Tensors

/// A folder with two files of comma-separated values: `train.csv` and `test.csv`, or such as `mnist_train.csv`.
///
/// A row is a label and a square image, row-major: a value a pixel of grey, or red, green and blue of each pixel
/// together. Which of the two is told by their number.
struct CSVFolder: DatasetFolder {
  static let contents = "train.csv and test.csv, or such as mnist_train.csv and mnist_test.csv"

  let path: String

  var isComplete: Bool { file("train") != nil && file("test") != nil }

  var isBegun: Bool { file("train") != nil || file("test") != nil }

  // Without names the classes are 0 to the largest training label.
  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset {
    guard let trainingFile = file("train"), let testFile = file("test") else {
      throw DatasetError(
        .notFound, path: path, expected: Self.contents,
        found: "no file to \(file("train") == nil ? "learn from" : "test on")")
    }
    progress?("reading \(trainingFile)")
    let training = try CSVFile(path: trainingFile, width: nil)
    let (side, channels) = try shape(of: training)
    progress?("reading \(testFile)")
    let test = try CSVFile(path: testFile, width: training.width)
    let classes = try classes ?? Dataset.countedClasses(training.labels, path: trainingFile)
    for file in [training, test] {
      if let index = file.labels.firstIndex(where: { Int($0) >= classes.count }) {
        throw DatasetError(
          .invalidLabel, path: file.path, expected: "labels from 0 to \(classes.count - 1)",
          found: "\(file.labels[index]) in row \(file.firstRow + index)")
      }
    }
    func images(_ file: CSVFile) -> ImageDataset {
      ImageDataset(width: side, height: side, channels: channels, pixels: ByteStorage(file.pixels), labels: file.labels)
    }
    return Dataset(name: name, origin: path, training: images(training), test: images(test), classes: classes)
  }

  /// The side of the images, and the values of a pixel.
  private func shape(of file: CSVFile) throws -> (side: Int, channels: Int) {
    let count = file.width - 1
    for channels in [1, 3] {
      let side = Int((Double(count) / Double(channels)).squareRoot().rounded())
      if side > 0, side * side * channels == count { return (side, channels) }
    }
    throw DatasetError(
      .wrongFormat, path: file.path,
      expected: "a label and the pixels of a square image in each row, grey or of three values",
      found: "rows of \(file.width)")
  }

  /// The file of a part: by its plain name, else the first whose name ends in it.
  private func file(_ part: String) -> String? {
    let plain = "\(path)/\(part).csv"
    if FileManager.default.isFile(plain) { return plain }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    return names.first { $0.hasSuffix("_\(part).csv") || $0.hasSuffix("-\(part).csv") }
      .map { "\(path)/\($0)" }.flatMap { FileManager.default.isFile($0) ? $0 : nil }
  }
}
