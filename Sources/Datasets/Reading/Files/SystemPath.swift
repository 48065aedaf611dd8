private import TrainingMetrics

/// A path, or a name in a folder, as the system has it: bytes, which need not be UTF-8. Two names are one where their bytes are
/// the same; Swift's strings are equal also in two normalizations, of which Linux makes two files.
struct SystemPath: Hashable, Sendable, CustomStringConvertible {
  /// The bytes, without the zero at their end.
  let bytes: [UInt8]

  /// A path as text.
  init(_ text: String) { bytes = Array(text.utf8) }

  /// A path as bytes.
  init(bytes: [UInt8]) { self.bytes = bytes }

  /// What lies in this folder under a name.
  func appending(_ name: SystemPath) -> SystemPath {
    SystemPath(bytes: bytes + [UInt8(ascii: "/")] + name.bytes)
  }

  /// As the system's functions take it.
  var cString: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

  /// Whether the bytes are UTF-8.
  var isText: Bool { String(validating: bytes, as: UTF8.self) != nil }

  /// The path in one line: what is not UTF-8 as `\xE9`, what could steer a terminal as `\u{202E}`.
  var description: String {
    if let text = String(validating: bytes, as: UTF8.self) { return text.printableLine }
    var text = ""
    var rest = bytes[...]
    while let byte = rest.first {
      // A scalar is one to four bytes.
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

  /// What stands behind the last point of a name, in lower case; nil where there is no point, or only one at the beginning.
  var suffix: String? {
    guard let point = bytes.lastIndex(of: UInt8(ascii: ".")), point > 0 else { return nil }
    return SystemPath(bytes: Array(bytes[(point + 1)...])).description.lowercased()
  }

  /// Whether a name begins with a point.
  var isHidden: Bool { bytes.first == UInt8(ascii: ".") }
}

/// The order of names in a folder: that of Swift's strings, and of the bytes where those are equal.
extension SystemPath: Comparable {
  static func < (left: SystemPath, right: SystemPath) -> Bool {
    let (first, second) = (String(decoding: left.bytes, as: UTF8.self), String(decoding: right.bytes, as: UTF8.self))
    return first == second ? left.bytes.lexicographicallyPrecedes(right.bytes) : first < second
  }
}
