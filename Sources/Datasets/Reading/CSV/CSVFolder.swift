private import FoundationEssentials
private import Tensors

/// A directory with two CSV files: `train.csv` and `test.csv`, or for example `mnist_train.csv`.
///
/// A row is a label and a square image, row-major, with one grey value or three values (red, green, blue) per pixel.
/// The number of values tells which.
struct CSVFolder: DatasetFolder {
  static let contents = "train.csv and test.csv, or such as mnist_train.csv and mnist_test.csv"

  /// The directory, followed by a slash and `prefix` if only files with this prefix are used.
  let path: String
  private let folder: String
  private let files: CSVName.Files
  // The requested prefix; nil for any.
  private let prefix: String?

  /// The files of a directory.
  /// - Parameter prefix: the part of the name before `_train.csv`; nil for any.
  init(path: String, prefix: String? = nil) {
    folder = path
    self.path = prefix.map { $0.isEmpty ? path : "\(path)/\($0)" } ?? path
    self.prefix = prefix
    files = CSVName.files(in: path)
  }

  private var pairs: [String] {
    Set(files.training.keys).intersection(files.test.keys)
      .filter { prefix == nil || $0 == prefix || CSVName.shown($0) == prefix }.sorted()
  }

  var isComplete: Bool { !pairs.isEmpty }

  var isBegun: Bool { prefix == nil && !(files.training.isEmpty && files.test.isEmpty) }

  /// Whether there are only files with other names, so that the error explains how to name them.
  var hasOthersAlone: Bool { !isBegun && !files.others.isEmpty }

  // Without class names, the training labels determine the classes.
  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset {
    let (trainingFile, testFile, pairNotes) = try pair()
    progress?("reading \(trainingFile)")
    let training = try CSVFile(path: trainingFile, like: nil)
    let (side, channels) = try shape(of: training)
    progress?("reading \(testFile)")
    let test = try CSVFile(path: testFile, like: training)
    let table = try classTable(training, test, classes)
    func images(_ file: CSVFile, _ labels: [UInt8]) -> ImageDataset {
      ImageDataset(width: side, height: side, channels: channels, pixels: ByteStorage(file.pixels), labels: labels)
    }
    let learned = images(training, table.training)
    return Dataset(
      name: name, origin: path, training: learned, test: images(test, table.test), classes: table.classes,
      notes: pairNotes + training.layout.notes + test.layout.notes + table.notes + learned.notes)
  }

  /// The labels of both files as classes; names are numbered in byte order.
  private func classTable(_ training: CSVFile, _ test: CSVFile, _ classes: [String]?) throws -> ClassTable {
    func part(_ file: CSVFile, _ labels: [Int]) -> ClassTable.Part {
      ClassTable.Part(path: file.path, labels: labels) { "in row \(file.firstRow + $0)" }
    }
    guard !training.names.isEmpty else {
      if let word = test.names.first {
        throw DatasetError(
          .mismatch, path: test.path, expected: "numbers as labels, as in the training file",
          found: "“\(CSVText.visible(word))” in row \(test.firstRow)")
      }
      return try ClassTable(
        training: part(training, training.labels.map(Int.init)), test: part(test, test.labels.map(Int.init)),
        names: classes)
    }
    let words = Set(training.names).sorted { $0.lexicographicallyPrecedes($1) }
    let names = words.map { String(decoding: $0, as: UTF8.self) }
    guard words.count > 1, words.count <= ClassTable.largestCount else {
      throw DatasetError(
        words.count > 1 ? .tooLarge : .empty, path: training.path,
        expected: words.count > 1 ? "at most \(ClassTable.largestCount) classes" : "at least two classes",
        found: words.count > 1 ? "\(words.count)" : "only label “\(names[0])”")
    }
    // Like people, Swift treats the two Unicode forms of “é” as equal.
    guard Set(names).count == names.count else {
      throw DatasetError(
        .mismatch, path: training.path, expected: "class names that differ",
        found: "two that differ only in their Unicode normalization (NFC and NFD)")
    }
    let numbers = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, $0) })
    if let index = test.names.firstIndex(where: { numbers[$0] == nil }) {
      throw DatasetError(
        .invalidLabel, path: test.path, expected: "one of the \(names.count) classes of the training file",
        found: "“\(CSVText.visible(test.names[index]))” in row \(test.firstRow + index)")
    }
    guard !test.names.isEmpty else {
      throw DatasetError(
        .mismatch, path: test.path, expected: "names as labels, as in the training file",
        found: "numbers in row \(test.firstRow)")
    }
    return try ClassTable(
      training: part(training, training.names.map { numbers[$0] ?? 0 }),
      test: part(test, test.names.map { numbers[$0] ?? 0 }), names: names)
  }

  /// Returns the two files.
  /// - Throws: `DatasetError` if there is no pair, or more than one.
  private func pair() throws -> (training: String, test: String, notes: [String]) {
    let pairs = pairs
    guard let first = pairs.first, let training = files.training[first], let test = files.test[first] else {
      throw DatasetError(.notFound, path: path, expected: Self.contents, found: lack)
    }
    guard pairs.count == 1 || first.isEmpty else {
      throw DatasetError(
        .mismatch, path: path, expected: "one training file and one test file",
        found: "\(pairs.count) pairs: \(pairs.map(CSVName.shown).joined(separator: ", ")); name one of them: "
          + "\(folder)/\(CSVName.shown(pairs[0]))")
    }
    let names = files.all.filter { $0 != training && $0 != test }.sorted().map { CSVText.visible($0.utf8) }
    let notes =
      names.isEmpty
      ? []
      : [
        "read \(training) and \(test), ignored \(names.count) other CSV \(names.count == 1 ? "file" : "files"): "
          + names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      ]
    return ("\(folder)/\(training)", "\(folder)/\(test)", notes)
  }

  /// Why there is no pair.
  private var lack: String {
    let (training, test) = (files.training.values.sorted(), files.test.values.sorted())
    if !training.isEmpty, !test.isEmpty {
      return "no pair with the same name: " + (training + test).map { CSVText.visible($0.utf8) }.joined(separator: ", ")
    }
    if training.isEmpty, test.isEmpty, let other = files.others.sorted().first {
      return "\(CSVText.visible(other.utf8)), whose name contains neither train nor test"
    }
    return "no \(training.isEmpty ? "training" : "test") file"
  }

  /// The width of the images, and the number of channels.
  private func shape(of file: CSVFile) throws -> (side: Int, channels: Int) {
    let count = file.pixelCount
    for channels in [1, 3] {
      let side = Int((Double(count) / Double(channels)).squareRoot().rounded())
      if side > 0, side * side * channels == count { return (side, channels) }
    }
    let ignored = file.layout.columns.count { $0 == .ignored }
    throw DatasetError(
      .wrongFormat, path: file.path,
      expected: "a label and the pixels of a square image in each row, grey or of three values",
      found: "rows of \(file.layout.columns.count)" + (ignored > 0 ? ", of which \(ignored) contain row numbers" : ""))
  }
}
