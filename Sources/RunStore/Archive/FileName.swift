import Foundation

/// Names that are safe as a part of a path.
enum FileName {
  private static let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-".unicodeScalars)

  /// `text` as a person would name a file: what is unsafe becomes a hyphen.
  static func readable(_ text: String) -> String {
    let words = String(String.UnicodeScalarView(text.unicodeScalars.map { kept.contains($0) ? $0 : " " }))
      .split(separator: " ").joined(separator: "-")
    let trimmed = words.drop { $0 == "." || $0 == "-" }.prefix(60)
    return trimmed.isEmpty ? "run" : String(trimmed)
  }

  /// Whether a file in the folder of checkpoints is one of this program's: a checkpoint, or what was to become one.
  static func isOfCheckpoint(_ file: String) -> Bool {
    file.hasSuffix(".tmp") || file.wholeMatch(of: /.+-\d+-\d+(\.\d+)?\.safetensors/) != nil
  }

  /// `text` so that no other text gives the same name: what is unsafe becomes `%XX`.
  static func unambiguous(_ text: String) -> String {
    text.utf8.map { byte in
      kept.contains(Unicode.Scalar(byte)) && byte < 0x80
        ? String(Unicode.Scalar(byte)) : "%" + String(format: "%02X", byte)
    }.joined()
  }
}
