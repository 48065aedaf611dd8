private import FoundationEssentials
private import Tensors

/// The common structure of the two CIFAR data sets: files of records, and a file with class names.
protocol CIFARFolder: DatasetFolder {
  /// The training files, in order.
  static var trainingFiles: [String] { get }
  /// The test file.
  static var testFile: String { get }
  /// The file with the class names, one per line.
  static var namesFile: String { get }
  /// The class names, if that file is missing.
  static var knownClasses: [String] { get }
  /// Number of label bytes before each image, of which the last one is used.
  static var labelBytes: Int { get }
}

extension CIFARFolder {
  private var missing: [String] {
    (Self.trainingFiles + [Self.testFile]).filter { !FileManager.default.isFile("\(path)/\($0)") }
  }

  var isComplete: Bool { missing.isEmpty }

  var isBegun: Bool { missing.count <= Self.trainingFiles.count }

  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset {
    if let file = missing.first {
      throw DatasetError(.notFound, path: path, expected: Self.contents, found: "no \(file)")
    }
    let classes = try classes ?? namedClasses()
    let training = try images(of: Self.trainingFiles, progress: progress)
    let test = try images(of: [Self.testFile], progress: progress)
    let table = try ClassTable(
      training: .init(path: path, labels: training.labels.map(Int.init)),
      test: .init(path: path, labels: test.labels.map(Int.init)), names: classes)
    return Dataset(
      name: name, origin: path, training: training, test: test, classes: table.classes, notes: table.notes)
  }

  private func images(of files: [String], progress: ((String) -> Void)?) throws -> ImageDataset {
    var records = CIFARRecords(labelBytes: Self.labelBytes, classCount: Self.knownClasses.count)
    for (index, name) in files.enumerated() {
      let file = "\(path)/\(name)"
      progress?("reading \(file)")
      try records.append(file, others: files.count - 1 - index)
    }
    return ImageDataset(
      width: CIFARRecords.side, height: CIFARRecords.side, channels: 3, pixels: ByteStorage(records.pixels),
      labels: records.labels)
  }

  private func namedClasses() throws -> [String] {
    let file = "\(path)/\(Self.namesFile)"
    guard FileManager.default.isFile(file) else { return Self.knownClasses }
    let lines = String(decoding: try DatasetFile.contents(of: file), as: UTF8.self).split(whereSeparator: \.isNewline)
    let names = lines.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.filter { !$0.isEmpty }
    guard names.count == Self.knownClasses.count else {
      throw DatasetError(
        .mismatch, path: file, expected: "the names of \(Self.knownClasses.count) classes, one a line",
        found: "\(names.count)")
    }
    return names
  }
}

/// A directory with CIFAR-10 in its binary format.
struct CIFAR10Folder: CIFARFolder {
  static let contents = "the files of CIFAR-10's binary version (data_batch_1.bin to data_batch_5.bin, test_batch.bin)"
  static let trainingFiles = (1...5).map { "data_batch_\($0).bin" }
  static let testFile = "test_batch.bin"
  static let namesFile = "batches.meta.txt"
  static let knownClasses = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  static let labelBytes = 1

  let path: String
}

/// A directory with CIFAR-100 in its binary format; its hundred fine labels are the classes.
struct CIFAR100Folder: CIFARFolder {
  static let contents = "the files of CIFAR-100's binary version (train.bin, test.bin)"
  static let trainingFiles = ["train.bin"]
  static let testFile = "test.bin"
  static let namesFile = "fine_label_names.txt"
  static let knownClasses = [
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest",
    "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard",
    "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
    "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum",
    "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper",
    "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone",
    "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf",
    "woman", "worm",
  ]
  // The coarse label, then the fine one.
  static let labelBytes = 2

  let path: String
}
