/// A folder that holds nothing but another one, as archives unpack: `pets/pets/train`.
enum SoleFolder {
  /// The folder of a data set: the path itself, or the first of the folders that lie alone in one another, three deep at most,
  /// in which one is found. The path itself where there is none.
  /// - Throws: `DatasetError` where the folder can't be read.
  static func place(in path: String, hasDataset: (String) -> Bool) throws -> String {
    var place = path
    for _ in 0...3 {
      let listing = try FolderListing(SystemPath(place))
      if hasDataset(place) { return place }
      let names = listing.names.filter { !IgnoredFiles.isSystemName($0) }
      let folders = names.filter { FileKind(of: listing.path.appending($0)) == .folder }
      // Only what is text can be named again.
      guard folders.count == 1, let name = String(validating: folders[0].bytes, as: UTF8.self) else { break }
      place += "/" + name
    }
    return path
  }

  /// The first folder that has the name of the file in it, as Kaggle's MNIST unpacks: `train-images-idx3-ubyte` twice.
  static func folderOfItsFile(in path: String) throws -> SystemPath? {
    let listing = try FolderListing(SystemPath(path))
    return listing.folders.first { FileKind(of: listing.path.appending($0).appending($0)) == .file }
  }
}
