import Foundation
import TerminalUI
import Testing

@Suite("Fonts have what the screen draws")
struct GlyphCoverageTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// The code points of a font, written by `Fonts/coverage.py`.
  private func coverage(_ font: String) throws -> Set<UInt32> {
    let text = try String(contentsOf: Self.folder.appending(path: "Fonts/\(font).txt"), encoding: .utf8)
    var result: Set<UInt32> = []
    for line in text.split(separator: "\n") {
      let ends = line.split(separator: "-").compactMap { UInt32($0, radix: 16) }
      try #require(ends.count == 2, "\(line)")
      result.formUnion(ends[0]...ends[1])
    }
    try #require(result.isSuperset(of: 0x20...0x7E))
    return result
  }

  /// The glyphs of a table.
  private func glyphs(of set: GlyphSet) -> Set<Unicode.Scalar> {
    var result = Set(set.dots.glyphs + set.verticalLevels + set.horizontalLevels)
    for child in Mirror(reflecting: set).children {
      if let glyph = child.value as? Unicode.Scalar { result.insert(glyph) }
    }
    result.formUnion((set.legendStroke + set.legendDashes + set.legendDots).unicodeScalars)
    return result
  }

  private func missing(_ glyphs: Set<Unicode.Scalar>, in coverage: Set<UInt32>) -> String {
    glyphs.filter { !coverage.contains($0.value) }.map { "\($0) U+\(String($0.value, radix: 16))" }.sorted()
      .joined(separator: ", ")
  }

  @Test("DejaVu Sans Mono has the glyphs of every table", arguments: GlyphSet.all)
  func tables(set: GlyphSet) throws {
    // Braille is drawn by terminals themselves or taken from DejaVu Sans; otherwise there is `:glyphs blocks`.
    let glyphs = glyphs(of: set).filter { !(0x2800...0x28FF).contains($0.value) }
    #expect(glyphs.count > 15)
    #expect(missing(glyphs, in: try coverage("DejaVuSansMono")) == "")
  }

  @Test("DejaVu Sans Mono has every sign that the source of the program writes")
  func source() throws {
    let coverage = try coverage("DejaVuSansMono")
    let sources = Self.folder.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var count = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      count += 1
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
        // Names of classes come from data sets, and control characters are not drawn.
        let signs = Set(code.unicodeScalars.filter { !$0.isASCII && !(0x3040...0x30FF).contains($0.value) })
        let missing = missing(signs, in: coverage)
        if !missing.isEmpty { Issue.record("\(file.lastPathComponent): \(missing): \(line)") }
      }
    }
    #expect(count > 100)
  }

  @Test("The fonts of the Linux console have the glyphs of their table, and what replaces others")
  func console() throws {
    let coverage = try coverage("LinuxConsole")
    #expect(missing(glyphs(of: .console), in: coverage) == "")
    #expect(missing(GlyphSet.consoleSigns, in: coverage) == "")
    for set in GlyphSet.all {
      #expect(missing(Set(glyphs(of: set).map(GlyphSet.console.drawn)), in: coverage) == "", "\(set)")
    }
    for sign in "–—−×√…‹›“”‘’▶◀▸⇧∞✓✗●○◆□".unicodeScalars {
      #expect(missing([GlyphSet.console.drawn(sign)], in: coverage) == "", "\(sign)")
    }
    // Letters depend on the font that the user has set.
    #expect(GlyphSet.console.drawn("ł") == "ł" && GlyphSet.console.drawn("Ж") == "Ж")
  }

  @Test("Only ASCII is drawn in ASCII, and nothing is replaced where the font has all")
  func replacements() {
    for glyph in "▶⣿━é→".unicodeScalars {
      #expect(GlyphSet.ascii.drawn(glyph).isASCII)
      #expect(GlyphSet.braille.drawn(glyph) == glyph)
    }
  }
}
