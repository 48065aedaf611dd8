/// A writer of uncompressed zip archives, and of NumPy arrays in them.
enum Zip {
  /// An archive of files, in their order.
  static func stored(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var (archive, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, bytes) in files {
      let start = UInt32(archive.count)
      let facts =
        little(UInt32(0)) + little(UInt32(0)) + little(Gzip.checksum(bytes)) + little(UInt32(bytes.count))
        + little(UInt32(bytes.count)) + little(UInt16(name.utf8.count)) + little(UInt16(0))
      // Version 2.0, stored, no time.
      archive += [0x50, 0x4B, 3, 4] + little(UInt16(20)) + facts + Array(name.utf8) + bytes
      directory +=
        [0x50, 0x4B, 1, 2] + little(UInt16(20)) + little(UInt16(20)) + facts + [UInt8](repeating: 0, count: 10)
        + little(start) + Array(name.utf8)
    }
    let count = little(UInt16(files.count))
    return archive + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + little(UInt32(directory.count))
      + little(UInt32(archive.count)) + [0, 0]
  }

  /// A file of NumPy's `.npy` format, version 1.
  static func array(_ type: String, _ shape: [Int], _ bytes: [UInt8], order: String = "False") -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(sizes)), }\n"
    return [0x93] + [UInt8]("NUMPY".utf8) + [1, 0] + little(UInt16(header.utf8.count)) + [UInt8](header.utf8) + bytes
  }

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
