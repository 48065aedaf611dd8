private import FoundationEssentials

extension DatasetLibrary {
  /// The first folder looked into that is the user's own; nil where there is none.
  var ownFolder: String? { searchPath.first { $0 != Self.systemFolder } }

  /// Where a data set that can be downloaded lies whole; nil where it has to be got.
  func wholeFolder(of dataset: DownloadableDataset) -> String? {
    if let entry = entries().first(where: { $0.name == dataset.rawValue }), let location = entry.location {
      return location
    }
    guard dataset.isArchive else { return nil }
    // The images; the texts beside them are for people.
    let images = dataset.contents.filter { $0.hasSuffix(".bin") }
    return searchPath.map { "\($0)/\(dataset.folder)" }.first { folder in
      images.allSatisfy { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
    }
  }
}
