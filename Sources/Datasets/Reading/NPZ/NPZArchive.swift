private import CArchive
private import FoundationEssentials

/// The arrays of NumPy's `.npz`: a zip archive of `.npy` files, stored or deflated, read with libarchive.
struct NPZArchive {
  /// The path, for errors.
  let path: String
  /// The names of its arrays, in archive order.
  let names: [String]
  /// The requested arrays by name.
  let arrays: [String: NPYArray]

  // A zip archive of a few kilobytes may announce any size.
  private static let largestSize = DatasetFile.largestSize

  /// Reads the arrays with these names, and skips the others.
  /// - Throws: `DatasetError` if the archive is damaged or an array is not supported.
  init(path: String, reading wanted: Set<String>) throws {
    let data = try DatasetFile.contents(of: path)
    func damage(_ reason: String) -> DatasetError {
      DatasetError(.corrupted, path: path, expected: "an intact .npz archive", found: reason)
    }
    guard let archive = archive_read_new() else { throw damage("libarchive has no memory") }
    defer { archive_read_free(archive) }
    var names: [String] = []
    var files: [String: [UInt8]] = [:]
    try data.withUnsafeBytes { source in
      func fault() -> DatasetError {
        damage(archive_error_string(archive).map { String(cString: $0) } ?? "an unknown error")
      }
      guard archive_read_support_format_zip(archive) == ARCHIVE_OK,
        archive_read_open_memory(archive, source.baseAddress, source.count) == ARCHIVE_OK
      else { throw fault() }
      var entry: OpaquePointer?
      var chunk = [UInt8](repeating: 0, count: 1 << 18)
      while true {
        let status = archive_read_next_header(archive, &entry)
        if status == ARCHIVE_EOF { break }
        guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw fault() }
        guard let text = archive_entry_pathname(entry), case let file = String(cString: text), file.hasSuffix(".npy")
        else { continue }
        let name = String(file.dropLast(4))
        names.append(name)
        guard wanted.contains(name) else { continue }
        guard files[name] == nil else { throw damage("two arrays \(CSVText.visible(name.utf8))") }
        var bytes: [UInt8] = []
        while true {
          let count = chunk.withUnsafeMutableBytes { archive_read_data(archive, $0.baseAddress, $0.count) }
          guard count >= 0 else { throw fault() }
          guard count > 0 else { break }
          bytes.append(contentsOf: chunk[..<count])
          guard bytes.count <= Self.largestSize else {
            throw DatasetError(
              .tooLarge, path: path, expected: "at most \(Self.largestSize) bytes an array", found: "more in \(name)")
          }
        }
        files[name] = bytes
      }
    }
    self.path = path
    self.names = names
    arrays = try files.reduce(into: [:]) { arrays, file in
      do {
        arrays[file.key] = try NPYArray(file.value)
      } catch let failure as NPYArray.Failure {
        throw DatasetError(
          .wrongFormat, path: path, expected: "whole numbers in the array \(file.key)", found: failure.reason)
      }
    }
  }
}
