private import CArchive
private import Foundation
private import Tensors

extension Dataset {
  /// Writes the data set as NumPy's NPZ: `x_train` and `x_test` (bytes, shape `[images, height, width]` for grey,
  /// `[images, height, width, 3]` for colour), `y_train` and `y_test` (bytes), `classes` (text).
  /// - Throws: `DatasetError` if the file exists or can't be written.
  package func writeNPZ(to path: String) throws {
    guard FileKind(of: SystemPath(path)) == .missing else {
      throw DatasetError(.unwritable, path: path, expected: "a new file", found: "an existing one")
    }
    let part = path + ".part"
    guard let archive = archive_write_new() else { throw DatasetError(.unwritable, "\(path): no memory to write it") }
    defer { archive_write_free(archive) }
    do {
      guard archive_write_set_format_zip(archive) == ARCHIVE_OK,
        archive_write_zip_set_compression_store(archive) == ARCHIVE_OK,
        archive_write_open_filename(archive, part) == ARCHIVE_OK
      else { throw Self.fault(archive, path) }
      for (name, images) in [("train", training), ("test", test)] {
        let color = images.channels == 1 ? [] : [images.channels]
        let shape = [images.count, images.height, images.width] + color
        try Self.write(images.pixels, shape, "|u1", as: "x_\(name).npy", to: archive, path)
        try Self.write(ByteStorage(images.labels), [images.count], "|u1", as: "y_\(name).npy", to: archive, path)
      }
      let (names, width) = NPYHeader.text(classes)
      try Self.write(ByteStorage(names), [classes.count], "<U\(width)", as: "classes.npy", to: archive, path)
      guard archive_write_close(archive) == ARCHIVE_OK else { throw Self.fault(archive, path) }
      guard rename(part, path) == 0 else { throw DatasetError(errno: errno, writing: path) }
    } catch {
      unlink(part)
      throw error
    }
  }

  private static func write(
    _ bytes: ByteStorage, _ shape: [Int], _ type: String, as name: String, to archive: OpaquePointer, _ path: String
  ) throws {
    let header = NPYHeader(type: type, shape: shape).bytes
    let entry = archive_entry_new()
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name)
    archive_entry_set_size(entry, Int64(header.count + bytes.count))
    // AE_IFREG, a regular file; two modules define S_IFREG.
    archive_entry_set_filetype(entry, 0o100000)
    archive_entry_set_perm(entry, 0o644)
    guard archive_write_header(archive, entry) == ARCHIVE_OK else { throw fault(archive, path) }
    func add(_ piece: [UInt8]) throws {
      guard archive_write_data(archive, piece, piece.count) == piece.count else { throw fault(archive, path) }
    }
    try add(header)
    for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
      try add([UInt8](bytes[start..<min(bytes.count, start + (1 << 20))]))
    }
  }

  private static func fault(_ archive: OpaquePointer, _ path: String) -> DatasetError {
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error of libarchive"
    return DatasetError(.unwritable, "\(path): cannot be written: \(reason)")
  }
}
