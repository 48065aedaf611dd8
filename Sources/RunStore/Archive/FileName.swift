import Foundation
import Tensors

/// Names that are safe as part of a path.
enum FileName {
  private static let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-".unicodeScalars)

  /// Returns `text` as a readable file name in composed Unicode; unsafe characters become hyphens.
  static func readable(_ text: String) -> String {
    let scalars = text.precomposedStringWithCanonicalMapping.unicodeScalars.map { isReadable($0) ? $0 : " " }
    let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: "-")
    var trimmed = String(words.drop { $0 == "." || $0 == "-" }.prefix(60))
    // A name has at most 255 bytes, including the time before it and a number after it.
    while trimmed.utf8.count > 200 { trimmed.removeLast() }
    return trimmed.isEmpty ? "run" : trimmed
  }

  // Letters and digits of any script, but no characters that reverse the text direction, have no width or are
  // invisible.
  private static func isReadable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return kept.contains(scalar) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .decimalNumber,
      .nonspacingMark, .spacingMark:
      return !scalar.properties.isDefaultIgnorableCodePoint
    default: return false
    }
  }

  /// Returns whether a file in the directory of checkpoints is a checkpoint of this program, or an unfinished one.
  static func isOfCheckpoint(_ file: String) -> Bool {
    file.hasSuffix(".tmp") || file.wholeMatch(of: /.+-\d+-\d+(\.\d+)?\.safetensors/) != nil
  }

  /// Returns `text` as a name that no other text has: unsafe characters become `%XX`. The end of a name longer than
  /// `limit` bytes is replaced by a digest.
  static func unambiguous(_ text: String, limit: Int = 200) -> String {
    let name = text.utf8.map { byte in
      kept.contains(Unicode.Scalar(byte)) && byte < 0x80
        ? String(Unicode.Scalar(byte)) : "%" + String(format: "%02X", byte)
    }.joined()
    guard name.utf8.count > limit else { return name }
    // “~” occurs in no other name.
    return name.prefix(limit - 33) + "~" + TensorDigest.sha256(Array(text.utf8)).prefix(32)
  }
}
