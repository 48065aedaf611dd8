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
      let found = FileManager.default.fileExists(atPath: path) ? "something other than text" : "no such file"
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

extension Theme {
  /// A theme of a base16 or base24 palette.
  ///
  /// A role whose colour would be hard to read on this scheme's background is moved towards the text's colour until
  /// it can be read: schemes disagree about how faint base03 and base04 are, and few lines in yellow show on white.
  /// - Parameter palette: base00...base0F, and for base24 base10...base17, as `0xRRGGBB`; 16 or 24 of them.
  init(name: String, author: String, variant: Variant?, palette: [UInt32]) {
    precondition(palette.count == 16 || palette.count == 24, "a scheme has 16 or 24 colours, not \(palette.count)")
    var base = palette
    if base.count == 16 {
      // base10, 11 → 00; 12 → 08; 13 → 0A; 14 → 0B; 15 → 0C; 16 → 0D; 17 → 0E.
      base += [0, 0, 8, 10, 11, 12, 13, 14].map { palette[$0] }
    }
    let background = RGB(base[0])
    let text = RGB(base[5])
    let found: Variant = background.luminance < text.luminance ? .dark : .light
    // The strongest contrast that the scheme's own greys have.
    let strongest =
      [base[5], base[6], base[7]].map { RGB($0) }
      .max { $0.contrast(with: background) < $1.contrast(with: background) } ?? text
    func color(_ index: Int, _ ratio: Double) -> Color {
      .rgb(RGB(base[index]).legible(on: background, ratio: ratio, towards: strongest).value)
    }
    let lanes = Theme.distinct([13, 9, 14, 11, 12, 10, 8, 15].map { color($0, 3) }, count: ThemeRole.lanes.count)
    var colors: [ThemeRole: Color] = [
      .background: .rgb(base[0]), .bar: .rgb(base[1]), .selection: .rgb(base[2]), .border: color(3, 1.5),
      .focus: color(13, 3), .faint: color(4, 3.6), .text: color(5, 5.5), .strong: .rgb(strongest.value),
      .accent: color(12, 3.5), .good: color(11, 3), .warning: color(10, 3), .bad: color(8, 3),
    ]
    // A selection on which its text cannot be read is no help.
    let selected = RGB(base[2])
    if case .rgb(let value)? = colors[.text]?.kind {
      let share = stride(from: 0.0, through: 0.8, by: 0.1).first {
        selected.mixed(with: background, share: $0).contrast(with: RGB(value)) >= 4
      }
      colors[.selection] = .rgb(selected.mixed(with: background, share: share ?? 0.8).value)
    }
    // Some schemes have a base04 as bright as the text.
    if RGB(base[4]).contrast(with: background) > 0.75 * text.contrast(with: background) {
      let fainter = text.mixed(with: background, share: 0.4)
      colors[.faint] = .rgb(fainter.legible(on: background, ratio: 3.6, towards: strongest).value)
    }
    for (role, color) in zip(ThemeRole.lanes, lanes) { colors[role] = color }
    self.init(
      name: name, author: author, variant: variant ?? found, palette: base, colors: colors,
      attributes: [.strong: .bold])
  }

  /// The first `count` colours that can be told from those before them; the others fill up.
  private static func distinct(_ candidates: [Color], count: Int) -> [Color] {
    var chosen: [(color: Color, lab: OKLab)] = []
    var others: [Color] = []
    for color in candidates {
      guard case .rgb(let value) = color.kind else { continue }
      let lab = OKLab(value)
      if chosen.contains(where: { $0.lab.squaredDistance(to: lab) < 0.005 }) {
        others.append(color)
      } else {
        chosen.append((color, lab))
      }
    }
    return Array((chosen.map(\.color) + others).prefix(count))
  }
}

/// Why a theme could not be loaded.
package struct ThemeError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  package enum Code: Hashable, Sendable {
    /// The file cannot be read.
    case unreadable
    /// The text is no YAML, or no mapping.
    case notYAML
    /// A colour of the scheme is missing.
    case missingColor
    /// A colour is not six hexadecimal digits.
    case badColor
    /// A field has a value that means nothing.
    case badField
    /// No theme has this name.
    case unknownTheme
  }

  /// The kind of failure.
  package var code: Code
  /// What was expected where, and what was found.
  package var message: String
  /// The failure behind this one.
  package var cause: (any Error)?

  /// A failure of this kind.
  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { message }
}
