private import CArchive
private import Foundation

/// Extracts the expected files from an archive with libarchive, and nothing else.
///
/// Names in the archive never become paths: an entry is only extracted if its name is one of the expected ones and it
/// is a regular file. Links, devices and paths to other directories are ignored.
package struct ArchiveUnpacker {
  // The same limit as for all files; larger ones are not data sets of these kinds.
  private static let largestSize = DatasetFile.largestSize

  /// The archive.
  private let path: String
  /// The directory inside the archive.
  private let folder: String
  /// The files to extract.
  private let names: [String]

  /// An unpacker of a .tar.gz.
  /// - Parameters:
  ///   - path: the archive.
  ///   - folder: the directory inside it.
  ///   - names: the files to extract from that directory.
  package init(path: String, folder: String, names: [String]) {
    self.path = path
    self.folder = folder
    self.names = names
  }

  /// Extracts the files to an empty directory.
  /// - Parameter pulse: called periodically; errors that it throws cancel the extraction.
  /// - Throws: `DatasetError` if the archive is damaged, a file is missing, or the disk is full.
  package func unpack(into target: String, pulse: () throws -> Void) throws {
    // libarchive (as of 3.6) does not verify gzip checksums, and stops silently at a truncated end.
    if let reason = try DatasetFile.gzipFault(path, pulse: pulse) { throw damage(reason) }
    guard let archive = archive_read_new() else { throw damage("libarchive has no memory") }
    defer { archive_read_free(archive) }
    func fault() -> DatasetError {
      damage(archive_error_string(archive).map { String(cString: $0) } ?? "an unknown error")
    }
    guard archive_read_support_filter_gzip(archive) == ARCHIVE_OK,
      archive_read_support_format_tar(archive) == ARCHIVE_OK,
      archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK
    else { throw fault() }
    var missing = Set(names)
    var entry: OpaquePointer?
    while !missing.isEmpty {
      try pulse()
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { break }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw fault() }
      guard signflip_archive_is_file(entry) != 0, let text = archive_entry_pathname(entry),
        let name = expected(String(cString: text)), missing.remove(name) != nil
      else { continue }
      try write(to: "\(target)/\(name)", size: Int(archive_entry_size(entry)), pulse: pulse) { file in
        let count = signflip_archive_copy(archive, file)
        switch count {
        case -2: throw DatasetError(errno: errno, writing: "\(target)/\(name)")
        case -1: throw fault()
        default: return Int(count)
        }
      }
    }
    guard missing.isEmpty else {
      let lost = names.filter(missing.contains).map { "\(folder)/\($0)" }.joined(separator: ", ")
      throw DatasetError(.notFound, path: path, expected: "an archive with \(lost)", found: "none of that name")
    }
  }

  /// Returns which of the expected files an entry is; nil if none.
  private func expected(_ entry: String) -> String? {
    names.first { entry == "\(folder)/\($0)" || entry == "./\(folder)/\($0)" }
  }

  /// Creates a file, and appends what `next` returns until it returns 0 bytes.
  /// - Parameter announced: the entry's size. Missing bytes at the end are a hole of a sparse file: zeros.
  private func write(
    to path: String, size announced: Int, pulse: () throws -> Void, next: (_ file: Int32) throws -> Int
  ) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw DatasetError(errno: errno, writing: path) }
    defer { close(file) }
    func requireRoom(for size: Int) throws {
      guard size <= Self.largestSize else {
        throw DatasetError(.tooLarge, path: path, expected: "at most \(Self.largestSize) bytes", found: "more")
      }
    }
    var size = 0
    try requireRoom(for: announced)
    while case let count = try next(file), count > 0 {
      size += count
      try requireRoom(for: size)
      try pulse()
    }
    if size < announced, ftruncate(file, off_t(announced)) != 0 { throw DatasetError(errno: errno, writing: path) }
    guard fsync(file) == 0 else { throw DatasetError(errno: errno, writing: path) }
  }

  private func damage(_ reason: String) -> DatasetError {
    DatasetError(.corrupted, path: path, expected: "an intact tar archive", found: reason)
  }
}
