private import FoundationEssentials

/// The formats of directories, in the order in which they are tried.
enum DatasetFormat: CaseIterable, Sendable {
  case idx
  case cifar10
  case cifar100
  case images
  case csv

  /// Returns the directory in this format.
  func folder(at path: String) -> any DatasetFolder {
    switch self {
    case .idx: IDXFolder(path: path)
    case .cifar10: CIFAR10Folder(path: path)
    case .cifar100: CIFAR100Folder(path: path)
    case .images: ImageFolder(path: path)
    case .csv: CSVFolder(path: path)
    }
  }

  /// The contents of a directory in this format.
  var contents: String {
    switch self {
    case .idx: IDXFolder.contents
    case .cifar10: CIFAR10Folder.contents
    case .cifar100: CIFAR100Folder.contents
    case .images: ImageFolder.contents
    case .csv: CSVFolder.contents
    }
  }

  /// Reads the data set in a directory, or in its only subdirectory, which archives often create.
  /// - Throws: `DatasetError`.
  static func dataset(
    in path: String, name: String, skippingUnreadable skipsUnreadable: Bool, progress: ((String) -> Void)?
  ) throws -> Dataset {
    func hasDataset(_ place: String) -> Bool {
      allCases.contains { format in
        let folder = format.folder(at: place)
        return folder.isComplete || folder.isBegun
      }
    }
    let place = try SoleFolder.place(in: path, hasDataset: hasDataset)
    if place == path, !hasDataset(path), let name = try SoleFolder.folderOfItsFile(in: path) {
      throw DatasetError(
        .wrongFormat, path: "\(path)/\(name)", expected: "a file",
        found: "a folder that contains a file of that name; replace the folder by that file")
    }
    let folder = try recognize(place)
    var images = folder as? ImageFolder
    images?.skipsUnreadable = skipsUnreadable
    let dataset = try (images ?? folder).dataset(name: name, classes: nil, progress: progress)
    guard place != path else { return dataset }
    return Dataset(
      name: dataset.name, origin: dataset.origin, training: dataset.training, test: dataset.test,
      classes: dataset.classes, notes: ["read from \(place), the only folder in \(path)"] + dataset.notes,
      reading: dataset.reading)
  }

  /// Returns a directory in its detected format: the first format that is complete, otherwise the first that has some
  /// of its files.
  /// - Throws: `DatasetError` if there is none.
  static func recognize(_ path: String) throws -> any DatasetFolder {
    let folders = allCases.map { $0.folder(at: path) }
    if let folder = folders.first(where: \.isComplete) ?? folders.first(where: \.isBegun) { return folder }
    if let arrays = NPZFile.only(in: path) { return arrays }
    let contents = allCases.map(\.contents)
    let foreign = ForeignFile.first(in: path)
    if foreign == nil, case let tables = CSVFolder(path: path), tables.hasOthersAlone { return tables }
    throw DatasetError(
      .wrongFormat, path: path,
      expected: contents.dropLast().joined(separator: "; ") + "; or " + (contents.last ?? ""),
      found: foreign.map { "\($0.name), \($0.kind.words): \($0.kind.advice)" } ?? "none of these")
  }

  /// Returns the data set for a path that is not a directory: one of several sets in a directory, identified by the
  /// prefix of its files' names (`FOLDER/emnist-letters`), or one of its files. Nil if there is none.
  static func named(_ path: String) -> (any DatasetFolder)? {
    let words = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = words.last.map(String.init), !name.isEmpty else { return nil }
    let folder =
      words.count == 1 ? "." : words.count == 2 && words[0].isEmpty ? "/" : words.dropLast().joined(separator: "/")
    guard FileManager.default.isFolder(folder) else { return nil }
    let isFile = FileManager.default.isFile(path)
    if isFile, let file = IDXName(name) { return IDXFolder(path: folder, prefix: file.prefix) }
    if isFile, let file = CSVName(name), file.part != .other { return CSVFolder(path: folder, prefix: file.prefix) }
    guard !isFile else { return NPZFile.recognizes(path) ? NPZFile(path: path) : nil }
    let sets: [any DatasetFolder] = [IDXFolder(path: folder, prefix: name), CSVFolder(path: folder, prefix: name)]
    return sets.first { $0.isComplete } ?? sets.first { $0.isBegun }
  }
}

/// A directory with a data set in a specific format.
protocol DatasetFolder: Sendable {
  /// The contents of a complete directory, for error messages.
  static var contents: String { get }

  /// The folder.
  var path: String { get }
  /// Whether all files exist.
  var isComplete: Bool { get }
  /// Whether some file of this format exists, so that the missing ones can be listed.
  var isBegun: Bool { get }

  /// Reads the data set and checks that its parts match.
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - classes: the class names; nil to take them from the directory.
  ///   - progress: called with the current activity.
  /// - Throws: `DatasetError` with the path, what was expected and what was found.
  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset
}
