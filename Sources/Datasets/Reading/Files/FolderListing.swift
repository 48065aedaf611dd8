private import CArchive
private import Foundation
internal import FoundationEssentials

/// The names in a folder, in order, as bytes.
struct FolderListing: Sendable {
  /// The folder.
  let path: SystemPath
  /// What lies in it, links and hidden files included.
  let names: [SystemPath]

  /// Reads a folder.
  /// - Throws: `DatasetError` where there is none, or its permissions forbid it.
  init(_ path: SystemPath) throws {
    self.path = path
    guard let folder = opendir(path.cString) else { throw Self.fault(errno, path) }
    defer { closedir(folder) }
    var names: [SystemPath] = []
    while let name = signflip_next_name(folder) {
      var bytes: [UInt8] = []
      while name[bytes.count] != 0 { bytes.append(UInt8(bitPattern: name[bytes.count])) }
      if bytes != [0x2E], bytes != [0x2E, 0x2E] { names.append(SystemPath(bytes: bytes)) }
    }
    guard errno == 0 else { throw Self.fault(errno, path) }
    // Sorting decodes each name many times over: it is done once.
    self.names = names.map { ($0, String(decoding: $0.bytes, as: UTF8.self)) }.sorted { left, right in
      left.1 == right.1 ? left.0.bytes.lexicographicallyPrecedes(right.0.bytes) : left.1 < right.1
    }.map(\.0)
    // A folder without the permission to search it tells its names, and nothing of what bears them.
    guard access(path.cString, X_OK) == 0 else { throw Self.fault(errno, path) }
  }

  /// The folders in it that are not hidden.
  var folders: [SystemPath] { names.filter { !$0.isHidden && FileKind(of: path.appending($0)) == .folder } }

  private static func fault(_ number: Int32, _ path: SystemPath) -> DatasetError {
    DatasetError(
      .unreadable, path: "\(path)", expected: "a folder that can be read", found: DatasetError.reason(number))
  }
}

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

extension FileManager {
  /// Whether a file, and no folder, lies there.
  func isFile(_ path: String) -> Bool {
    var isDirectory = false
    return fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
  }

  /// Whether a folder lies there.
  func isFolder(_ path: String) -> Bool {
    var isDirectory = false
    return fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
  }
}
