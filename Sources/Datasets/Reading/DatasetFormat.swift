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

  /// The folder in the format of what lies in it: the first that is complete, else the first that is begun.
  /// - Throws: `DatasetError` where it is of none.
  static func recognize(_ path: String) throws -> any DatasetFolder {
    let folders = allCases.map { $0.folder(at: path) }
    if let folder = folders.first(where: \.isComplete) ?? folders.first(where: \.isBegun) { return folder }
    let contents = allCases.map(\.contents)
    throw DatasetError(
      .wrongFormat, path: path,
      expected: contents.dropLast().joined(separator: "; ") + "; or " + (contents.last ?? ""), found: "none of these")
  }
}
