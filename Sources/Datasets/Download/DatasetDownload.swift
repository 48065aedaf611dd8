private import Foundation
import TrainingMetrics

/// Downloads a data set to a directory of data sets.
///
/// Existing files are never overwritten; a complete data set is left unchanged.
package struct DatasetDownload {
  /// The result of a download.
  package enum Result: Hashable, Sendable {
    /// The complete data set existed in this directory, and nothing was downloaded.
    case foundAlready(String)
    /// The data set in this directory is now complete.
    case complete(String)
    /// The source had only some of its files; these are still missing in this directory.
    case incomplete(String, missing: [String])
  }

  private let dataset: DownloadableDataset
  private let plan: DownloadPlan
  private let library: DatasetLibrary
  private let home: String

  /// A download of a data set.
  /// - Parameters:
  ///   - dataDirectory: the directory of `--data`; nil for the user's own among the default directories.
  ///   - source: a source to use instead of the mirrors: a URL (http, https or file), a file, or a directory.
  ///   - sha256: the checksums to expect instead of the known ones, one per file of the source, in order.
  /// - Throws: `DatasetError` if there is no such directory, or source and checksums don't match the data set.
  package init(
    _ dataset: DownloadableDataset, dataDirectory: String?, environment: [String: String], source: String?,
    sha256: [String]
  ) throws {
    let variable = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    let source = try source.map { try DownloadSource($0, home: variable) }
    self.dataset = dataset
    plan = try DownloadPlan(dataset, from: source, sha256: sha256)
    // If a directory is given, other directories are not searched.
    library =
      dataDirectory.map { DatasetLibrary(searchPath: [$0], home: variable) }
      ?? DatasetLibrary(dataDirectory: nil, environment: environment)
    guard let home = library.ownFolder else {
      throw DatasetError(
        .notFound, "$HOME: expected a folder for data sets, found none: use --data, or set $SIGNFLIP_DATA")
    }
    self.home = home
  }

  /// The number of bytes to download or extract; nil if the source does not report it.
  package var missingBytes: Int? {
    missingItems.reduce(0 as Int?) { sum, item in item.file.size.flatMap { size in sum.map { $0 + size } } }
  }

  // The missing files, or the archive that contains them.
  private var missingItems: [DownloadPlan.Item] {
    if dataset.isArchive { return plan.items }
    let missing = Set(IDXFolder(path: "\(home)/\(dataset.folder)").missing.map(\.compressedName))
    return plan.items.filter { missing.contains($0.file.name) }
  }

  /// Downloads what is missing.
  /// - Throws: `DatasetError` if it can't be downloaded or written, or was interrupted.
  package func run(_ observer: DownloadObserver) throws -> Result {
    if let folder = library.wholeFolder(of: dataset) { return .foundAlready(folder) }
    let folder = "\(home)/\(dataset.folder)"
    // A new directory is removed if it stays empty; rmdir removes nothing else.
    let isNewHome = try makeFolder(home)
    defer { if isNewHome { rmdir(home) } }
    if dataset.isArchive {
      for item in missingItems {
        try get(item, into: "\(home)/\(item.file.name).part", observer) { part in
          do {
            try unpack(part, into: folder, observer)
          } catch let error as DatasetError where [.corrupted, .notFound, .tooLarge].contains(error.code) {
            // Resuming it would give the same wrong file.
            part.remove()
            throw error
          }
          part.remove()
        }
      }
    } else {
      let isNew = try makeFolder(folder)
      defer { if isNew { rmdir(folder) } }
      for item in missingItems {
        let target = "\(folder)/\(item.file.name)"
        try get(item, into: target + ".part", observer) { part in
          // A user-supplied checksum may be that of a damaged file.
          if let reason = try DatasetFile.gzipFault(part.path, pulse: { try throwIfInterrupted(part, observer) }) {
            part.remove()
            throw DatasetError(.corrupted, path: item.file.name, expected: "intact gzip data", found: reason)
          }
          try part.place(at: target)
        }
      }
    }
    if library.wholeFolder(of: dataset) != nil { return .complete(folder) }
    return .incomplete(folder, missing: IDXFolder(path: folder).missing.map(\.compressedName))
  }

  private func get(
    _ item: DownloadPlan.Item, into path: String, _ observer: DownloadObserver, finish: (PartFile) throws -> Void
  ) throws {
    let part = try PartFile(path: path)
    do {
      let size = item.file.size.map { " (\(NumberFormat.size($0)))" } ?? ""
      let begun = try part.size()
      let rest = begun > 0 ? ", from \(NumberFormat.size(begun)) on" : ""
      observer.note("getting \(item.addresses[0])\(size)\(rest)")
      var download = FileDownload(of: item, into: part, observer: observer)
      try download.run()
      observer.note("\(item.file.name): SHA-256 is correct")
      try finish(part)
    } catch {
      // An empty part file is useless, so it is removed.
      if (try? part.size()) == 0 { part.remove() }
      throw error
    }
  }

  /// Extracts to a temporary directory that is moved to its place in one step. If the directory exists, only missing
  /// files are added.
  private func unpack(_ part: PartFile, into folder: String, _ observer: DownloadObserver) throws {
    let temporary = "\(home)/.\(dataset.folder).unpacking"
    // Left by a killed extraction. The part file's lock ensures that no other process uses it.
    try? FileManager.default.removeItem(atPath: temporary)
    try makeFolder(temporary)
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    observer.note("unpacking into \(folder)")
    let unpacker = ArchiveUnpacker(path: part.path, folder: dataset.folder, names: dataset.contents)
    try unpacker.unpack(into: temporary) { try throwIfInterrupted(part, observer) }
    if rename(temporary, folder) == 0 { return }
    guard errno == ENOTEMPTY || errno == EEXIST else { throw DatasetError(errno: errno, writing: folder) }
    for name in dataset.contents where access("\(folder)/\(name)", F_OK) != 0 {
      guard rename("\(temporary)/\(name)", "\(folder)/\(name)") == 0 else {
        throw DatasetError(errno: errno, writing: "\(folder)/\(name)")
      }
    }
  }

  private func throwIfInterrupted(_ part: PartFile, _ observer: DownloadObserver) throws {
    guard observer.isInterrupted() else { return }
    throw DatasetError(.interrupted, "interrupted: the file is in \(part.path); rerun the command to continue")
  }

  /// Creates a directory and its parents.
  /// - Returns: whether it did not exist.
  @discardableResult
  private func makeFolder(_ path: String) throws -> Bool {
    guard access(path, F_OK) != 0 else { return false }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw DatasetError(
        .unwritable, "\(path): the folder cannot be created: \(error.localizedDescription)", cause: error)
    }
    return true
  }
}
