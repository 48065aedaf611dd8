extension DatasetLibrary {
  /// The first folder looked into that is the user's own; nil where there is none.
  var ownFolder: String? { searchPath.first { $0 != Self.systemFolder } }

  /// Where a data set that can be downloaded lies whole; nil where it has to be got.
  func wholeFolder(of dataset: DownloadableDataset) -> String? {
    entries().first { $0.name == dataset.rawValue }?.location
  }
}
