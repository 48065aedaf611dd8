private import FoundationEssentials
private import Tensors

/// A directory with the four files of a data set in IDX format.
///
/// MNIST's names may have a prefix, as in EMNIST and QMNIST: `emnist-letters-train-images-idx3-ubyte`.
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

    /// The contents of the file.
    var kind: IDXFile.Kind { self == .trainingImages || self == .testImages ? .images : .labels }

    /// The usual names, with the plain file before the compressed one.
    var fileNames: [String] {
      ["-", "."].map { "\(rawValue)\($0)idx\(kind.dimensions)-ubyte" }.flatMap { [$0, $0 + ".gz"] }
    }

    /// The published name.
    var compressedName: String { "\(rawValue)-idx\(kind.dimensions)-ubyte.gz" }
  }

  /// The directory, followed by a slash and `prefix` if only files with this prefix are used.
  let path: String
  /// The files of each set in the directory, by prefix.
  private let sets: [String: [Part: String]]
  private let folder: String

  /// The sets in a directory.
  /// - Parameter prefix: the only prefix to use, with or without the trailing hyphen; nil for any.
  init(path: String, prefix: String? = nil) {
    folder = path
    var sets = IDXName.sets(in: path)
    if let prefix { sets = sets.filter { $0.key == prefix || !prefix.isEmpty && $0.key.dropLast() == prefix } }
    self.sets = sets
    self.path = prefix.map { $0.isEmpty ? path : "\(path)/\($0)" } ?? path
  }

  private var completeSets: [String] { sets.filter { $0.value.count == Part.allCases.count }.map(\.key).sorted() }

  /// The set to read: the one without prefix, otherwise the only complete one, otherwise the one with most files.
  private var chosen: (prefix: String, files: [Part: String]) {
    let complete = completeSets
    let largest = sets.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
    let prefix = complete.contains("") ? "" : complete.first ?? largest ?? ""
    return (prefix, sets[prefix] ?? [:])
  }

  /// Returns the path of a part; nil if it is missing.
  func file(of part: Part) -> String? { chosen.files[part].map { "\(folder)/\($0)" } }

  /// The missing parts.
  var missing: [Part] { Part.allCases.filter { file(of: $0) == nil } }

  var isComplete: Bool { missing.isEmpty }

  var isBegun: Bool { missing.count < Part.allCases.count }

  // Without class names, the training labels determine the classes.
  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset {
    let complete = completeSets
    guard complete.count < 2 || complete.contains("") else {
      let names = complete.map { $0.last.map("-_.".contains) == true ? String($0.dropLast()) : $0 }
      throw DatasetError(
        .mismatch, path: path, expected: "one data set",
        found: "\(names.count): \(names.joined(separator: ", ")); name one of them: \(folder)/\(names[0])")
    }
    var notes: [String] = []
    let others = sets.keys.filter { $0 != chosen.prefix }.sorted()
    if !others.isEmpty, classes == nil {
      let count = others.reduce(0) { $0 + (sets[$1]?.count ?? 0) }
      notes.append("ignored \(count) IDX files of other names: \(others.map { $0 + "…" }.joined(separator: ", "))")
    }
    // EMNIST's images are stored column by column.
    let isTransposed = chosen.prefix.lowercased().hasPrefix("emnist")
    if isTransposed {
      notes.append("transposed all images: EMNIST's files contain them transposed")
    }
    func part(_ images: Part, _ labels: Part) throws -> (images: IDXFile, labels: ClassTable.Part) {
      let images = try read(images, progress: progress)
      let labels = try read(labels, progress: progress)
      guard images.shape[0] == labels.shape[0] else {
        throw DatasetError(
          .mismatch, path: labels.path, expected: "\(images.shape[0]) labels for the images of \(images.path)",
          found: "\(labels.shape[0])")
      }
      let values = labels.labels()
      notes += images.notes + values.notes
      return (images, ClassTable.Part(path: labels.path, labels: values.labels))
    }
    let training = try part(.trainingImages, .trainingLabels)
    let test = try part(.testImages, .testLabels)
    guard training.images.shape[1...] == test.images.shape[1...] else {
      let sizes = [training, test].map { "\($0.images.shape[2]) × \($0.images.shape[1])" }
      throw DatasetError(
        .mismatch, path: path, expected: "training and test images of one size", found: sizes.joined(separator: " and ")
      )
    }
    let table = try ClassTable(training: training.labels, test: test.labels, names: classes)
    func images(_ file: IDXFile, _ labels: [UInt8]) -> ImageDataset {
      let (height, width) = (file.shape[1], file.shape[2])
      let images = ImageDataset(width: width, height: height, channels: 1, pixels: file.bytes, labels: labels)
      return isTransposed ? images.transposed : images
    }
    return Dataset(
      name: name, origin: path, training: images(training.images, table.training),
      test: images(test.images, table.test), classes: table.classes, notes: notes + table.notes)
  }

  private func read(_ part: Part, progress: ((String) -> Void)?) throws -> IDXFile {
    guard let file = file(of: part) else {
      let names = part.fileNames.map { chosen.prefix + $0 }.joined(separator: ", ")
      throw DatasetError(.notFound, "\(path): \(part.rawValue) is missing: expected one of \(names), found none")
    }
    progress?("reading \(file)")
    return try IDXFile(path: file, kind: part.kind)
  }
}

extension ImageDataset {
  /// The images with rows and columns exchanged.
  fileprivate var transposed: ImageDataset {
    var target = [UInt8](repeating: 0, count: pixels.count)
    let source = [UInt8](pixels)
    for image in 0..<count {
      let start = image * featureCount
      for row in 0..<height {
        for column in 0..<width {
          for channel in 0..<channels {
            target[start + (column * height + row) * channels + channel] =
              source[start + (row * width + column) * channels + channel]
          }
        }
      }
    }
    return ImageDataset(width: height, height: width, channels: channels, pixels: ByteStorage(target), labels: labels)
  }
}

/// The name of an IDX file, split into its parts: `emnist-letters-` `test` `-images-` `idx3-ubyte` `.gz`.
struct IDXName: Sendable {
  /// The prefix before the usual name, which identifies the set.
  let prefix: String
  /// The part.
  let part: IDXFolder.Part

  /// Splits a name; nil if it is not of this form.
  init?(_ name: String) {
    let stem = name.hasSuffix(".gz") ? name.dropLast(3) : name[...]
    // From the end: -ubyte, idx3, images, train.
    let isSeparator = { (character: Character) in character == "-" || character == "." || character == "_" }
    let words = stem.split(separator: /[-._]/, omittingEmptySubsequences: false)
    guard words.count >= 4, stem.contains(where: isSeparator) else { return nil }
    let (role, content, dimensions, type) = (
      words[words.count - 4], words[words.count - 3], words[words.count - 2], words[words.count - 1]
    )
    guard ["ubyte", "byte", "short", "int"].contains(type), dimensions.hasPrefix("idx"),
      let kind = IDXFile.Kind(rawValue: String(content)), ["train", "t10k", "test"].contains(role)
    else { return nil }
    prefix = String(name[..<role.startIndex])
    switch (role == "train", kind) {
    case (true, .images): part = .trainingImages
    case (true, .labels): part = .trainingLabels
    case (false, .images): part = .testImages
    case (false, .labels): part = .testLabels
    }
  }

  /// Returns the files of a directory, by set and part. If there are several for one part, the usual name has priority,
  /// then a plain file over a compressed one.
  static func sets(in folder: String) -> [String: [IDXFolder.Part: String]] {
    var sets: [String: [IDXFolder.Part: String]] = [:]
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    for name in names where name.utf8.count < 256 {
      guard let found = IDXName(name), FileManager.default.isFile("\(folder)/\(name)") else { continue }
      let rank = { (name: String) in
        found.part.fileNames.firstIndex(of: String(name.dropFirst(found.prefix.count))) ?? Int.max
      }
      if let other = sets[found.prefix]?[found.part], rank(other) <= rank(name) { continue }
      sets[found.prefix, default: [:]][found.part] = name
    }
    return sets
  }
}
