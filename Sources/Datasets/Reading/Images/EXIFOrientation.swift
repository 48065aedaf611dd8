internal import FoundationEssentials

/// The EXIF orientation: 1 for upright, 2 to 8 for rotated and mirrored. It is only reported: like Pillow's `open()`,
/// the reader does not rotate the pixels.
/// - SeeAlso: JEITA CP-3451, “Exif 2.3”, 4.6.4; TIFF 6.0, section 2.
enum EXIFOrientation {
  /// Returns the orientation of a PNG, from its eXIf chunk.
  static func png(_ data: Data) -> Int {
    let bytes = data.span
    var index = 8
    while index + 12 <= bytes.count {
      let length = number(bytes, index, 4, isLittle: false)
      guard length <= bytes.count - index - 12 else { return 1 }
      if spells("eXIf", bytes, index + 4) { return tiff(bytes, index + 8, length) }
      if spells("IEND", bytes, index + 4) { return 1 }
      index += 12 + length
    }
    return 1
  }

  /// Returns the orientation of a JPEG, from its APP1 segment before the first scan.
  static func jpeg(_ data: Data) -> Int {
    let bytes = data.span
    var index = 2
    while index + 4 <= bytes.count {
      guard bytes[index] == 0xFF, bytes[index + 1] != 0, bytes[index + 1] != 0xFF else {
        index += 1
        continue
      }
      guard bytes[index + 1] != 0xDA else { return 1 }
      let length = number(bytes, index + 2, 2, isLittle: false)
      guard length >= 2, index + 2 + length <= bytes.count else { return 1 }
      if bytes[index + 1] == 0xE1, length > 8, spells("Exif", bytes, index + 4) {
        return tiff(bytes, index + 10, length - 8)
      }
      index += 2 + length
    }
    return 1
  }

  /// Returns tag 274 of the first directory; 1 if it is missing or invalid.
  private static func tiff(_ bytes: borrowing Span<UInt8>, _ start: Int, _ count: Int) -> Int {
    guard count >= 8 else { return 1 }
    let isLittle = bytes[start] == UInt8(ascii: "I")
    let directory = number(bytes, start + 4, 4, isLittle: isLittle)
    guard directory <= count - 2 else { return 1 }
    let entries = number(bytes, start + directory, 2, isLittle: isLittle)
    for entry in 0..<entries {
      let place = directory + 2 + 12 * entry
      guard place + 12 <= count else { return 1 }
      if number(bytes, start + place, 2, isLittle: isLittle) == 274 {
        let value = number(bytes, start + place + 8, 2, isLittle: isLittle)
        return (1...8).contains(value) ? value : 1
      }
    }
    return 1
  }

  private static func number(_ bytes: borrowing Span<UInt8>, _ start: Int, _ count: Int, isLittle: Bool) -> Int {
    var value = 0
    for index in 0..<count { value = value << 8 | Int(bytes[start + (isLittle ? count - 1 - index : index)]) }
    return value
  }

  private static func spells(_ name: StaticString, _ bytes: borrowing Span<UInt8>, _ start: Int) -> Bool {
    var index = start
    for byte in name.description.utf8 {
      guard index < bytes.count, bytes[index] == byte else { return false }
      index += 1
    }
    return true
  }
}
