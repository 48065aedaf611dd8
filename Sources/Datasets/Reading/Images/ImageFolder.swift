private import FoundationEssentials
private import Tensors

/// A directory of PNG or JPEG images: `train/CLASS/*.png` for training, `test/CLASS/*.png` for testing.
///
/// Each class is a directory; classes and images are sorted by name. All images must have the most common size of the
/// training images. Whether they are read as grey or colour depends on all of them. If there is no test part, the
/// validation part is used instead; if there are both, the validation part is ignored. Notes report what is ignored.
struct ImageFolder: DatasetFolder {
  static let contents = "folders train and test, in each a folder of PNG or JPEG images for every class"
  private static let trainingNames = ["train", "training"]
  private static let testNames = ["test", "testing", "val", "valid", "validation"]

  let path: String
  /// Whether to skip unreadable files.
  var skipsUnreadable = false

  /// A directory, complete or not.
  init(path: String) { self.path = path }

  var isComplete: Bool {
    let folders = folders
    return [Self.trainingNames, Self.testNames].allSatisfy { names in
      part(names, of: folders).map { !ClassFolders.folders(in: $0).isEmpty } == true
    }
  }

  // True also if a part is missing, or if the classes are in the directory itself, so that the error says what is
  // missing.
  var isBegun: Bool {
    let folders = folders
    let parts = [Self.trainingNames, Self.testNames].compactMap { part($0, of: folders) }
    if parts.contains(where: ClassFolders.holdsImages) { return true }
    return folders.contains { name in
      guard !IgnoredFiles.isSystemName(name) else { return false }
      return ClassFolders.hasImages(SystemPath(path).appending(name))
    }
  }

  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset {
    let (training, test) = try parts()
    var notes = leftAlone(training, test)
    let taught = try ClassFolders(training)
    guard taught.classes.count > 1, taught.classes.count <= 256 else {
      throw DatasetError(
        taught.classes.count > 1 ? .tooLarge : .empty, path: "\(training)", expected: "from 2 to 256 class folders",
        found: "\(taught.classes.count)")
    }
    let asked = try ClassFolders(test)
    let items = taught.items(labels: Array(taught.classes.indices))
    let testItems = try asked.items(labels: labels(of: asked, in: taught, training, &notes))
    notes += taught.notes + asked.notes
    let absent = taught.classes.indices.filter { label in !testItems.contains { $0.label == UInt8(label) } }
    if !absent.isEmpty {
      let names = absent.prefix(5).map { "\(taught.classes[$0].name)" }.joined(separator: ", ")
      notes.append("\(test) has no images of \(absent.count) of \(taught.classes.count) classes: \(names)")
    }
    var images = ImageSet(training: items, test: testItems, skipsUnreadable: skipsUnreadable)
    let parts = try images.read { isTraining, percent in
      progress?("reading \(isTraining ? training : test): \(percent) %")
    }
    func part(_ part: ImageSet.Part) -> ImageDataset {
      ImageDataset(
        width: part.width, height: part.height, channels: images.reading.channels, pixels: ByteStorage(part.pixels),
        labels: part.labels)
    }
    return Dataset(
      name: name, origin: path, training: part(parts.training), test: part(parts.test),
      classes: taught.classes.map { "\($0.name)" }, notes: (notes + images.notes).map(shortened),
      reading: images.reading)
  }

  /// A note with paths relative to the set's directory, which is shown beside it.
  private func shortened(_ note: String) -> String { note.replacing("\(SystemPath(path))/", with: "") }

  /// Returns the label of each class of the test part: that of the training class whose name has the same bytes,
  /// otherwise the same text.
  private func labels(
    of asked: ClassFolders, in taught: ClassFolders, _ training: SystemPath, _ notes: inout [String]
  ) throws -> [Int] {
    try asked.classes.map { askedClass in
      if let label = taught.classes.firstIndex(where: { $0.name == askedClass.name }) { return label }
      // Linux keeps “é” as given, macOS decomposes it: the same word in both parts of a set is one class.
      let text = "\(askedClass.name)"
      let alike = taught.classes.indices.filter { "\(taught.classes[$0].name)" == text }
      if alike.count == 1, !asked.classes.contains(where: { $0.name == taught.classes[alike[0]].name }) {
        notes.append(
          "\(askedClass.path) is used for the class of that name in \(training): it uses another Unicode normalization")
        return alike[0]
      }
      throw DatasetError(
        .invalidLabel, path: "\(askedClass.path)", expected: "a class of \(training)", found: "another")
    }
  }

  // MARK: Parts

  /// The subdirectories; empty if the directory can't be read.
  private var folders: [SystemPath] { (try? FolderListing(SystemPath(path)))?.folders ?? [] }

  /// Returns the directories of the parts.
  private func parts() throws -> (training: SystemPath, test: SystemPath) {
    let listing = try FolderListing(SystemPath(path))
    let folders = listing.folders.filter { !IgnoredFiles.isSystemName($0) }
    // A dangling link, a file or a FIFO with the name of a part.
    for names in [Self.trainingNames, Self.testNames] where part(names, of: folders) == nil {
      guard let name = part(names, of: listing.names) else { continue }
      throw DatasetError(.notFound, path: "\(name)", expected: "a folder", found: FileKind(of: name).words)
    }
    let (training, test) = (part(Self.trainingNames, of: folders), part(Self.testNames, of: folders))
    let others = folders.prefix(8).map { "\($0)" }.joined(separator: ", ")
    guard let training else {
      guard let test else {
        throw DatasetError(
          .notFound, path: path, expected: Self.contents,
          found: "class folders alone; to make both parts, move them into \(path)/train, then some images of each, "
            + "a sixth or so, into \(path)/test/CLASS")
      }
      throw DatasetError(
        .notFound, path: path, expected: "a folder train beside \(test)",
        found: "no folder of that name, but \(others)")
    }
    guard let test else {
      throw DatasetError(
        .notFound, path: path, expected: "a folder test beside \(training)",
        found: "none; to make one, move some images of each class, a sixth or so, into \(path)/test/CLASS")
    }
    return (training, test)
  }

  /// Returns the directory of a part by the first of its names that exists, ignoring case.
  private func part(_ names: [String], of folders: [SystemPath]) -> SystemPath? {
    names.lazy.compactMap { name in folders.first { $0.description.lowercased() == name } }.first
      .map { SystemPath(path).appending($0) }
  }

  /// Returns the directories that belong to neither part.
  private func leftAlone(_ training: SystemPath, _ test: SystemPath) -> [String] {
    let folder = SystemPath(path)
    return folders.filter { ![training, test].contains(folder.appending($0)) }.map { name in
      let isPart = (Self.trainingNames + Self.testNames).contains(name.description.lowercased())
      return "folder \(name) is not used" + (isPart ? ": validation images are taken from \(training)" : "")
    }
  }
}

/// Counts ignored files by name or kind, to report each kind in a sentence.
struct IgnoredFiles {
  /// Directories and files that operating systems create, in lower case.
  private static let systemNames: Set<String> = [
    "__macosx", "@eadir", "lost+found", "#recycle", "$recycle.bin", "system volume information", "thumbs.db",
    "desktop.ini", "icon\\r", "__pycache__",
  ]

  private var counts: [String: Int] = [:]
  private var order: [String] = []
  private var example: [String: SystemPath] = [:]

  /// Returns whether a name is hidden, or one that operating systems create.
  static func isSystemName(_ name: SystemPath) -> Bool {
    name.isHidden || systemNames.contains(name.description.lowercased())
  }

  /// Counts a file.
  mutating func add(_ kind: String, _ path: SystemPath, count: Int = 1) {
    if counts[kind] == nil {
      order.append(kind)
      example[kind] = path
    }
    counts[kind, default: 0] += count
  }

  /// A sentence for each kind: “ignored files .bmp: 3, such as train/cat/1.bmp”.
  var notes: [String] {
    order.map { kind in
      "ignored \(kind): \(counts[kind] ?? 0)" + (example[kind].map { ", such as \($0)" } ?? "")
    }
  }
}
