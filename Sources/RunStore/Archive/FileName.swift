import Foundation
import Tensors

/// Names that are safe as a part of a path.
enum FileName {
  private static let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-".unicodeScalars)

  /// `text` as a person would name a file, in composed letters: what is unsafe becomes a hyphen.
  static func readable(_ text: String) -> String {
    let scalars = text.precomposedStringWithCanonicalMapping.unicodeScalars.map { isReadable($0) ? $0 : " " }
    let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: "-")
    var trimmed = String(words.drop { $0 == "." || $0 == "-" }.prefix(60))
    // A name has at most 255 bytes, the time before it and a number behind it included.
    while trimmed.utf8.count > 200 { trimmed.removeLast() }
    return trimmed.isEmpty ? "run" : trimmed
  }

  // Letters and digits of any script; nothing that turns the line round, takes no place or looks like nothing.
  private static func isReadable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return kept.contains(scalar) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .decimalNumber,
      .nonspacingMark, .spacingMark:
      return !scalar.properties.isDefaultIgnorableCodePoint
    default: return false
    }
  }

  /// Whether a file in the folder of checkpoints is one of this program's: a checkpoint, or what was to become one.
  static func isOfCheckpoint(_ file: String) -> Bool {
    file.hasSuffix(".tmp") || file.wholeMatch(of: /.+-\d+-\d+(\.\d+)?\.safetensors/) != nil
  }

  /// `text` so that no other text gives the same name: what is unsafe becomes `%XX`. Of a name that would be longer than
  /// `limit` bytes the rest is a digest.
  static func unambiguous(_ text: String, limit: Int = 200) -> String {
    let name = text.utf8.map { byte in
      kept.contains(Unicode.Scalar(byte)) && byte < 0x80
        ? String(Unicode.Scalar(byte)) : "%" + String(format: "%02X", byte)
    }.joined()
    guard name.utf8.count > limit else { return name }
    // “~” stands in no other name.
    return name.prefix(limit - 33) + "~" + TensorDigest.sha256(Array(text.utf8)).prefix(32)
  }
}
