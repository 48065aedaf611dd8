internal import FoundationEssentials

/// Takes out of a JPEG's header what libjpeg warns of and reads all the same.
enum JPEGHeaderRepair {
  /// The file without the bytes that stand between the segments of its header, with a known version of JFIF, and with the
  /// colour transform that libjpeg takes where it does not know Adobe's.
  static func repaired(_ data: Data) -> Data {
    let bytes = [UInt8](data)
    var kept = Array(bytes.prefix(2))
    var index = 2
    while index + 3 < bytes.count {
      // A marker is 0xFF and a byte that is neither 0 nor 0xFF.
      guard bytes[index] == 0xFF, bytes[index + 1] != 0, bytes[index + 1] != 0xFF else {
        index += 1
        continue
      }
      guard bytes[index + 1] != 0xDA else { break }
      let end = min(bytes.count, index + 2 + Int(bytes[index + 2]) << 8 + Int(bytes[index + 3]))
      kept += segment(Array(bytes[index..<end]))
      index = end
    }
    return Data(kept + bytes[index...])
  }

  /// Whether an end mark stands behind the beginning of the first scan.
  static func hasEnd(_ data: Data) -> Bool {
    let bytes = data.span
    var index = bytes.count - 1
    while index > 1 {
      if bytes[index - 1] == 0xFF, bytes[index] == 0xD9 { return true }
      if bytes[index - 1] == 0xFF, bytes[index] == 0xDA { return false }
      index -= 1
    }
    return false
  }

  private static func segment(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    switch bytes[1] {
    case 0xE0 where bytes.dropFirst(4).starts(with: Array("JFIF\0".utf8)) && bytes.count > 10:
      if bytes[9] != 1 { (bytes[9], bytes[10]) = (1, 1) }
    case 0xEE where bytes.dropFirst(4).starts(with: Array("Adobe".utf8)) && bytes.count > 15:
      // 1 stands for YCbCr, which libjpeg takes for three channels; CMYK is refused by its own name.
      if bytes[15] > 2 { bytes[15] = 1 }
    default: break
    }
    return bytes
  }
}
