private import TrainingMetrics

/// A path, or a name in a directory, as bytes, which need not be UTF-8. Names are equal if their bytes are; Swift
/// strings are also equal in different Unicode normalizations, which are different files on Linux.
struct SystemPath: Hashable, Sendable, CustomStringConvertible {
  /// The bytes without the terminating zero.
  let bytes: [UInt8]

  /// A path as text.
  init(_ text: String) { bytes = Array(text.utf8) }

  /// A path as bytes.
  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Returns the path of a name in this directory.
  func appending(_ name: SystemPath) -> SystemPath {
    SystemPath(bytes: bytes + [UInt8(ascii: "/")] + name.bytes)
  }

  /// The path as a C string.
  var cString: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

  /// Whether the bytes are UTF-8.
  var isText: Bool { String(validating: bytes, as: UTF8.self) != nil }

  /// The path in one line, with invalid UTF-8 as `\xE9`, and control and bidirectional characters as `\u{202E}`.
  var description: String {
    if let text = String(validating: bytes, as: UTF8.self) { return text.printableLine }
    var text = ""
    var rest = bytes[...]
    while let byte = rest.first {
      // A scalar has one to four bytes.
      let scalar = (1...4).lazy.compactMap { count in String(validating: rest.prefix(count), as: UTF8.self) }.first
      if let scalar, !scalar.isEmpty {
        text += scalar.printableLine
        rest = rest.dropFirst(scalar.utf8.count)
      } else {
        text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        rest = rest.dropFirst()
      }
    }
    return text
  }

  /// The extension of a name in lower case; nil without a period, or with only a leading one.
  var suffix: String? {
    guard let point = bytes.lastIndex(of: UInt8(ascii: ".")), point > 0 else { return nil }
    return SystemPath(bytes: Array(bytes[(point + 1)...])).description.lowercased()
  }

  /// Whether a name starts with a period.
  var isHidden: Bool { bytes.first == UInt8(ascii: ".") }
}

/// The order of names in a directory: that of Swift strings, or of the bytes if these are equal.
extension SystemPath: Comparable {
  static func < (left: SystemPath, right: SystemPath) -> Bool {
    let (first, second) = (String(decoding: left.bytes, as: UTF8.self), String(decoding: right.bytes, as: UTF8.self))
    return first == second ? left.bytes.lexicographicallyPrecedes(right.bytes) : first < second
  }
}
