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
      let (names, width) = Self.text(classes)
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

  /// Encodes texts as NumPy does: four bytes per scalar, all padded to the longest.
  private static func text(_ words: [String]) -> (bytes: [UInt8], width: Int) {
    let scalars = words.map { Array($0.unicodeScalars) }
    let width = max(1, scalars.map(\.count).max() ?? 1)
    let bytes = scalars.flatMap { word -> [UInt8] in
      let values = word.map(\.value) + [UInt32](repeating: 0, count: width - word.count)
      return values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }
    return (bytes, width)
  }

  private static func fault(_ archive: OpaquePointer, _ path: String) -> DatasetError {
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error of libarchive"
    return DatasetError(.unwritable, "\(path): cannot be written: \(reason)")
  }
}

/// The header of an array in NumPy's NPY format, version 1.0.
/// - SeeAlso: NumPy's manual, numpy.lib.format.
struct NPYHeader {
  /// The type of the values as written by NumPy: `|u1`, `<U12`.
  let type: String
  /// The length of each axis.
  let shape: [Int]

  /// The bytes before the values, which follow row-major.
  var bytes: [UInt8] {
    let axes = shape.map { "\($0)," }.joined(separator: " ")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(axes)), }"
    // Magic number, version, length and text are padded to a multiple of 64 bytes.
    let rest = (10 + text.utf8.count + 1) % 64
    text += String(repeating: " ", count: rest == 0 ? 0 : 64 - rest) + "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(text.utf8)
  }
}
