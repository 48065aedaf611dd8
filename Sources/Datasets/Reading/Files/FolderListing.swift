private import CArchive
private import Foundation
internal import FoundationEssentials

/// The names in a directory as bytes, sorted.
struct FolderListing: Sendable {
  /// The folder.
  let path: SystemPath
  /// Its contents, including links and hidden files.
  let names: [SystemPath]

  /// Reads a directory.
  /// - Throws: `DatasetError` if it does not exist, or is not readable.
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
    // Sorting would decode each name many times, so it is done once before.
    self.names = names.map { ($0, String(decoding: $0.bytes, as: UTF8.self)) }.sorted { left, right in
      left.1 == right.1 ? left.0.bytes.lexicographicallyPrecedes(right.0.bytes) : left.1 < right.1
    }.map(\.0)
    // A directory without search permission lists its names, but gives no access to them.
    guard access(path.cString, X_OK) == 0 else { throw Self.fault(errno, path) }
  }

  /// The subdirectories that are not hidden.
  var folders: [SystemPath] { names.filter { !$0.isHidden && FileKind(of: path.appending($0)) == .folder } }

  private static func fault(_ number: Int32, _ path: SystemPath) -> DatasetError {
    DatasetError(
      .unreadable, path: "\(path)", expected: "a readable folder", found: DatasetError.reason(number))
  }
}

/// A directory whose only content is another directory, as archives often create: `pets/pets/train`.
enum SoleFolder {
  /// Returns the directory of a data set: the path itself, or the first of up to three nested sole directories that
  /// contains one. The path itself if there is none.
  /// - Throws: `DatasetError` if the directory can't be read.
  static func place(in path: String, hasDataset: (String) -> Bool) throws -> String {
    var place = path
    for _ in 0...3 {
      let listing = try FolderListing(SystemPath(place))
      if hasDataset(place) { return place }
      let names = listing.names.filter { !IgnoredFiles.isSystemName($0) }
      let folders = names.filter { FileKind(of: listing.path.appending($0)) == .folder }
      // The name must be text, so that it can be part of a path.
      guard folders.count == 1, let name = String(validating: folders[0].bytes, as: UTF8.self) else { break }
      place += "/" + name
    }
    return path
  }

  /// Returns the first file inside a directory of the same name, as in Kaggle's MNIST: `train-images-idx3-ubyte` twice.
  static func folderOfItsFile(in path: String) throws -> SystemPath? {
    let listing = try FolderListing(SystemPath(path))
    return listing.folders.first { FileKind(of: listing.path.appending($0).appending($0)) == .file }
  }
}

extension FileManager {
  /// Returns whether the path is a file and not a directory.
  func isFile(_ path: String) -> Bool {
    var isDirectory = false
    return fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
  }

  /// Returns whether the path is a directory.
  func isFolder(_ path: String) -> Bool {
    var isDirectory = false
    return fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
  }
}
