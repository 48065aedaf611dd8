import Foundation
import Yams

extension Theme {
  /// Loads a base16 or base24 scheme.
  /// - Throws: `ThemeError` with the path, what was expected and what was found.
  package static func load(contentsOf path: String) throws(ThemeError) -> Theme {
    let yaml: String
    do {
      yaml = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      let found = FileManager.default.fileExists(atPath: path) ? "something that can't be read as text" : "no such file"
      throw ThemeError(
        .unreadable, "\(path): expected a base16 or base24 scheme in YAML (UTF-8), found \(found)", cause: error)
    }
    return try Theme(yaml: yaml, path: path)
  }

  /// Reads a base16 or base24 scheme.
  ///
  /// Both forms load: `palette:` with the colours under it, and the legacy one with the colours at top level. Colours
  /// are hexadecimal, with or without `#`. The name is `name` or `scheme`, else the file's.
  /// - Parameters:
  ///   - yaml: the file's text.
  ///   - path: names the file in errors.
  /// - Throws: `ThemeError` with the path, what was expected and what was found.
  package init(yaml: String, path: String) throws(ThemeError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch {
      throw ThemeError(.notYAML, "\(path): expected YAML: \(error)", cause: error)
    }
    guard let mapping = root?.mapping else {
      throw ThemeError(.notYAML, "\(path): expected a base16 scheme (a YAML mapping with base00...base0F)")
    }
    var fields: [String: Node] = [:]
    for (key, value) in mapping { if let key = key.string { fields[key.lowercased()] = value } }
    var colors = fields
    if let palette = fields["palette"] {
      guard let inner = palette.mapping else {
        throw ThemeError(.badField, "\(path): expected palette to be a mapping of base00...base0F")
      }
      colors = [:]
      for (key, value) in inner { if let key = key.string { colors[key.lowercased()] = value } }
    }
    let isBase24 = (16..<24).contains { colors[Theme.key($0)] != nil }
    var values: [UInt32] = []
    for index in 0..<(isBase24 ? 24 : 16) { values.append(try Theme.color(index, of: colors, path: path)) }

    let file = path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.split(separator: ".").first.map(String.init) ?? file
    let variant: Variant?
    if let word = fields["variant"]?.string?.lowercased(), !word.isEmpty {
      guard let known = Variant(rawValue: word) else {
        throw ThemeError(.badField, "\(path): variant: expected dark or light, found “\(word)”")
      }
      variant = known
    } else {
      variant = nil
    }
    self.init(
      name: fields["name"]?.string ?? fields["scheme"]?.string ?? stem, author: fields["author"]?.string ?? "",
      variant: variant, palette: values)
  }

  /// `base0A` for 10, in lower case.
  private static func key(_ index: Int) -> String {
    let digits = String(index, radix: 16)
    return "base" + (digits.count == 1 ? "0" + digits : digits)
  }

  private static func color(_ index: Int, of colors: [String: Node], path: String) throws(ThemeError) -> UInt32 {
    let key = key(index)
    let name = "base" + key.dropFirst(4).uppercased()
    guard let node = colors[key] else {
      // A base24 scheme may leave out single bright colours: each has a base16 one to stand in.
      if index >= 16 {
        return try color([0, 0, 8, 10, 11, 12, 13, 14][index - 16], of: colors, path: path)
      }
      let found = colors.keys.filter { $0.hasPrefix("base") }.count
      throw ThemeError(.missingColor, "\(path): \(name) is missing: expected base00...base0F, found \(found) colours")
    }
    // The raw text: YAML would take 586e75 for a number, and an unquoted # for a comment.
    let text = node.scalar?.string ?? ""
    guard !text.isEmpty else {
      throw ThemeError(
        .badColor, "\(path): \(name): expected six hexadecimal digits, found nothing (a colour with # needs quotes)")
    }
    let digits = text.hasPrefix("#") ? text.dropFirst() : Substring(text)
    guard digits.utf8.count == 6, digits.utf8.allSatisfy({ Character(.init($0)).isHexDigit }),
      let value = UInt32(digits, radix: 16)
    else {
      throw ThemeError(.badColor, "\(path): \(name): expected six hexadecimal digits, found “\(text)”")
    }
    return value
  }
}
