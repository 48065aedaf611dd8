/// The bytes of one character in UTF-8, as they come one after the other.
enum UTF8Character {
  /// Whether `byte` may follow the bytes that have begun a character, by the table of well-formed sequences.
  static func canFollow(_ byte: UInt8, _ begun: [UInt8]) -> Bool {
    guard 0x80...0xBF ~= byte, begun.count < length(begun[0]) else { return false }
    guard begun.count == 1 else { return true }
    return switch begun[0] {
    case 0xE0: byte >= 0xA0
    case 0xED: byte < 0xA0
    case 0xF0: byte >= 0x90
    case 0xF4: byte < 0x90
    default: true
    }
  }

  /// The character that the bytes are; nil while more belong to it.
  static func scalar(_ bytes: [UInt8]) -> Unicode.Scalar? {
    guard bytes.count == length(bytes[0]) else { return nil }
    let first = UInt32(bytes[0]) & (bytes.count == 2 ? 0x1F : bytes.count == 3 ? 0x0F : 0x07)
    return Unicode.Scalar(bytes.dropFirst().reduce(first) { $0 << 6 | UInt32($1 & 0x3F) })
  }

  private static func length(_ first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }
}
