private import FoundationEssentials

/// The formats that a folder may have, in the order in which they are looked for.
enum DatasetFormat: CaseIterable, Sendable {
  case idx
  case cifar10
  case cifar100
  case images
  case csv

  /// The folder, read in this format.
  func folder(at path: String) -> any DatasetFolder {
    switch self {
    case .idx: IDXFolder(path: path)
    case .cifar10: CIFAR10Folder(path: path)
    case .cifar100: CIFAR100Folder(path: path)
    case .images: ImageFolder(path: path)
    case .csv: CSVFolder(path: path)
    }
  }

  /// What a folder of this format holds.
  var contents: String {
    switch self {
    case .idx: IDXFolder.contents
    case .cifar10: CIFAR10Folder.contents
    case .cifar100: CIFAR100Folder.contents
    case .images: ImageFolder.contents
    case .csv: CSVFolder.contents
    }
  }

  /// Reads the data set in a folder, or in the only folder in that, as archives unpack.
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
        found: "a folder with the file of that name in it; move that file to the folder's place")
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

  /// The folder in the format of what lies in it: the first that is complete, else the first that is begun.
  /// - Throws: `DatasetError` where it is of none.
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

  /// The data set that a path names without being a folder: one of several in a folder, by what its files' names begin
  /// with (`FOLDER/emnist-letters`), or by one of its files. Nil where it is none.
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

/// A folder in which a data set may lie in a format of its own.
protocol DatasetFolder: Sendable {
  /// What a complete one holds, for the sentence of an error.
  static var contents: String { get }

  /// The folder.
  var path: String { get }
  /// Whether nothing is missing.
  var isComplete: Bool { get }
  /// Whether something of this format is there: what is missing can then be named.
  var isBegun: Bool { get }

  /// Reads it and sees that its parts belong together.
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - classes: the names of its classes; nil to take them from the folder.
  ///   - progress: told what is being done.
  /// - Throws: `DatasetError` with the path, what was expected and what was found.
  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset
}
