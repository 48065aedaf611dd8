import Foundation
import TerminalUI
import Testing

@Suite("Themes")
struct ThemeTests {
  static let colors = (0..<16).map { index in
    let name = "base0" + String(index, radix: 16).uppercased()
    return "\(name): \"\(String(repeating: String(index, radix: 16), count: 6))\""
  }

  /// A valid scheme, changed.
  static func scheme(_ change: (inout [String]) -> Void = { _ in }) -> String {
    var lines = colors
    change(&lines)
    return "system: base16\nname: Test\nauthor: me\nvariant: dark\npalette:\n"
      + lines.map { "  \($0)\n" }.joined()
  }

  @Test("The present and the legacy form give the same theme")
  func forms() throws {
    let present = try Theme(yaml: Self.scheme(), path: "a.yaml")
    let legacy = try Theme(yaml: "scheme: Old\nauthor: me\n" + Self.colors.joined(separator: "\n"), path: "a.yaml")
    #expect(present.name == "Test")
    #expect(legacy.name == "Old")
    #expect(present.palette == legacy.palette)
    #expect(present.palette[..<16].elementsEqual((0..<16).map { UInt32($0) * 0x111111 }))
    #expect(legacy.variant == .dark, "found from the colours where the file does not say")
  }

  @Test("base24 falls back to base16 for what is missing")
  func base24() throws {
    let plain = try Theme(yaml: Self.scheme(), path: "a.yaml")
    #expect(plain.palette.count == 24)
    #expect(plain.palette[16...] == [0, 0, 0x888888, 0xAAAAAA, 0xBBBBBB, 0xCCCCCC, 0xDDDDDD, 0xEEEEEE])
    let some = try Theme(yaml: Self.scheme { $0.append("base12: '#ff0000'") }, path: "a.yaml")
    #expect(some.palette[18] == 0xFF0000)
    #expect(some.palette[19] == 0xAAAAAA)
  }

  @Test("Colours that look like numbers to YAML, with and without #, in either case")
  func spellings() throws {
    let theme = try Theme(
      yaml: Self.scheme {
        $0[0] = "base00: 000000"
        $0[2] = "base02: 586e75"
        $0[3] = "BASE03: '#AbCdEf'"
        $0[4] = "base04: 012345"
      }, path: "a.yaml")
    #expect(theme.palette[0] == 0)
    #expect(theme.palette[2] == 0x586E75)
    #expect(theme.palette[3] == 0xABCDEF)
    #expect(theme.palette[4] == 0x012345)
  }

  @Test(
    "Broken files name the path, what was expected and what was found",
    arguments: [
      (Self.scheme { $0.remove(at: 10) }, ThemeError.Code.missingColor, ["dir/x.yaml", "base0A", "15"]),
      (Self.scheme { $0[8] = "base08: \"ff55\"" }, .badColor, ["dir/x.yaml", "base08", "ff55"]),
      (Self.scheme { $0[8] = "base08: \"#gg0000\"" }, .badColor, ["base08", "#gg0000"]),
      (Self.scheme { $0[8] = "base08: \"+12345\"" }, .badColor, ["base08", "+12345"]),
      (Self.scheme { $0[8] = "base08: #ff0000" }, .badColor, ["base08", "quotes"]),
      (Self.scheme { $0[8] = "base08: [1, 2]" }, .badColor, ["base08"]),
      (Self.scheme().replacing("variant: dark", with: "variant: blue"), .badField, ["dir/x.yaml", "blue"]),
      ("palette: 3", .badField, ["palette"]),
      ("", .notYAML, ["dir/x.yaml"]),
      ("just text", .notYAML, ["dir/x.yaml", "base16"]),
      ("a: [1, 2", .notYAML, ["dir/x.yaml"]),
    ])
  func invalid(yaml: String, code: ThemeError.Code, words: [String]) throws {
    let error = try #require(throws: ThemeError.self) { try Theme(yaml: yaml, path: "dir/x.yaml") }
    #expect(error.code == code)
    for word in words { #expect(error.message.contains(word), "“\(word)” in “\(error.message)”") }
  }

  @Test("Every shipped theme loads, and can be read")
  func shipped() throws {
    let library = ThemeLibrary(searchPath: [Self.themesFolder])
    let entries = library.themes()
    #expect(entries.count >= 14)
    for name in ["gruvbox-dark", "nord", "solarized-light", "dracula", "okabe-ito-dark", "terminal", "monochrome"] {
      #expect(entries.contains { $0.name == name }, "\(name)")
    }
    #expect(entries.contains { $0.path != nil && ($0.name.hasSuffix("light") || $0.name.hasSuffix("latte")) })
    for entry in entries where entry.path != nil {
      let theme = try library.theme(named: entry.name)
      for role in [ThemeRole.text, .faint, .accent, .good, .warning, .bad, .lane1, .lane2, .lane3] {
        #expect(Self.contrast(theme[role], theme[.background]) >= 2.9, "\(entry.name): \(role)")
      }
      #expect(Self.contrast(theme[.text], theme[.selection]) >= 2.9, "\(entry.name): selection")
      #expect(
        Self.contrast(theme[.faint], theme[.background]) < Self.contrast(theme[.text], theme[.background]),
        "\(entry.name)")
      #expect(Set((0..<4).map { theme.laneColor($0) }).count == 4, "\(entry.name): lanes")
    }
  }

  @Test("The default theme's file is the one built in")
  func defaultTheme() throws {
    let file = try Theme.load(contentsOf: Self.themesFolder + "/signflip.yaml")
    #expect(file.palette == Theme.standard.palette)
    #expect(file.name == Theme.standard.name)
  }

  @Test("A file in an earlier folder wins, and an unknown name lists near ones")
  func library() throws {
    let own = FileManager.default.temporaryDirectory.path + "/signflip-themes-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: own) }
    try Self.scheme().write(toFile: own + "/nord.yaml", atomically: true, encoding: .utf8)
    try "nonsense".write(toFile: own + "/broken.yaml", atomically: true, encoding: .utf8)
    let library = ThemeLibrary(searchPath: [own, "/nowhere", Self.themesFolder])
    #expect(try library.theme(named: "nord").name == "Test")
    #expect(try library.theme(named: "Gruvbox Dark").name == "Gruvbox Dark")
    #expect(try library.theme(named: "terminal").palette.isEmpty)
    let unknown = try #require(throws: ThemeError.self) { try library.theme(named: "gruvbx-dark") }
    #expect(unknown.code == .unknownTheme)
    #expect(unknown.message.contains("gruvbox-dark"))
    #expect(throws: ThemeError.self) { try library.theme(named: "broken") }
    let unreadable = try #require(throws: ThemeError.self) { try Theme.load(contentsOf: "/nowhere/x.yaml") }
    #expect(unreadable.code == .unreadable)
    #expect(unreadable.message.contains("/nowhere/x.yaml"))
  }

  @Test("The terminal's theme names no colour of its own, and monochrome none at all")
  func builtIn() {
    for role in ThemeRole.allCases {
      if case .rgb = Theme.terminal[role].kind { Issue.record("\(role) is an exact colour") }
      #expect(Theme.monochrome[role] == .terminalDefault)
    }
    #expect(Theme.monochrome.style(.text, on: .selection).attributes.contains(.reverse))
    #expect(Theme.terminal.bandStyle(.ansi(4)).attributes.contains(.dim))
    #expect(!Theme.standard.bandStyle(.rgb(0xFF0000)).attributes.contains(.dim))
    #expect(Theme.standard.laneColor(6) == Theme.standard.laneColor(0))
    #expect(Theme.standard.dimmed(.rgb(0xFFFFFF), by: 1) == Theme.standard[.background])
  }

  static let themesFolder =
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/themes"

  /// WCAG 2.1's contrast ratio.
  static func contrast(_ a: Color, _ b: Color) -> Double {
    func linear(_ component: UInt32) -> Double {
      let c = Double(component) / 255
      return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4)
    }
    func luminance(_ color: Color) -> Double {
      guard case .rgb(let value) = color.kind else { return 0 }
      return 0.2126 * linear(value >> 16 & 255) + 0.7152 * linear(value >> 8 & 255) + 0.0722 * linear(value & 255)
    }
    let (x, y) = (luminance(a), luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }

  @Test("The terminal's theme can be read on black and on white, bold and in the palettes of xterm, Linux and Windows")
  func terminalOnBothGrounds() {
    let palettes: [[UInt32]] = [
      Array(XtermPalette.ansi.prefix(8)),
      [0x000000, 0xAA0000, 0x00AA00, 0xAA5500, 0x0000AA, 0xAA00AA, 0x00AAAA, 0xAAAAAA],
      [0x0C0C0C, 0xC50F1F, 0x13A10E, 0xC19C00, 0x0037DA, 0x881798, 0x3A96DD, 0xCCCCCC],
    ]
    // The contrast on black and white, by the formula of the Web Content Accessibility Guidelines.
    func leastContrast(_ index: Int, _ palette: [UInt32]) -> Double {
      let linear = [16, 8, 0].map { shift in
        let share = Double(palette[index] >> shift & 255) / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      let luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
      return min((luminance + 0.05) / 0.05, 1.05 / (luminance + 0.05))
    }
    for role in ThemeRole.allCases {
      guard case .ansi(let index) = Theme.terminal[role].kind else { continue }
      #expect([1, 2, 4, 5, 6].contains(index), "\(role) is colour \(index)")
    }
    // The colours of the first lanes are used most often, also for text, which must be readable.
    for role in [ThemeRole.lane1, .lane2, .bad, .good] {
      guard case .ansi(let index) = Theme.terminal[role].kind else {
        Issue.record("\(role) has no colour")
        continue
      }
      for palette in palettes { #expect(leastContrast(Int(index), palette) > 2, "\(role)") }
    }
    let lanes = (0..<6).map { Theme.terminal.laneColor($0) }
    #expect(Set(lanes).count == 6)
  }
}
