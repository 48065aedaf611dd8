import TerminalUI
import Testing

@Suite("Colours")
struct ColorTests {
  @Test("A cell is small and its colours come back as they were")
  func representation() {
    #expect(MemoryLayout<Cell>.stride == 16)
    #expect(Color.rgb(0x123456).kind == .rgb(0x123456))
    #expect(Color.ansi(12).kind == .ansi(12))
    #expect(Color.terminalDefault.kind == .terminalDefault)
    #expect(Set([Color.rgb(0), .ansi(0), .terminalDefault]).count == 3)
  }

  @Test(
    "The nearest of 256 colours is the one that looks nearest",
    arguments: [
      (UInt32(0x000000), 16), (0xFFFFFF, 231), (0xFF0000, 196), (0x5F87AF, 67), (0x080808, 232), (0xEEEEEE, 255),
    ])
  func exactEntries(rgb: UInt32, index: Int) {
    #expect(XtermPalette.nearest256(to: rgb) == index)
  }

  @Test("Near-greys stay greys: cube rounding would make them one")
  func nearGreys() {
    let indices = [0x12161C, 0x1A2029, 0x28313D, 0x3E4957].map { XtermPalette.nearest256(to: UInt32($0)) }
    #expect(Set(indices).count == 4, "backgrounds of a theme stay apart: \(indices)")
    #expect(indices.allSatisfy { $0 >= 232 || $0 == 16 || $0 == 59 || $0 == 60 || $0 == 17 || $0 == 23 || $0 == 24 })
  }

  @Test(
    "A dim colour keeps its hue", arguments: [0x6FB0F2, 0xF0A35E, 0xB69AF0, 0x8CC98C, 0x63C7C1, 0xE5717C] as [UInt32])
  func hue(rgb: UInt32) {
    guard case .rgb(let dim) = Theme.standard.dimmed(.rgb(rgb)).kind else { return #expect(Bool(false)) }
    let mapped = XtermPalette.extended[XtermPalette.nearest256(to: dim) - 16]
    let parts = [mapped >> 16 & 255, mapped >> 8 & 255, mapped & 255]
    let wanted = [rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255]
    #expect(Set(parts).count > 1, "a grey: \(String(mapped, radix: 16))")
    // The strongest component stays the strongest, and the weakest the weakest.
    #expect(parts[wanted.firstIndex(of: wanted.max() ?? 0) ?? 0] == parts.max())
    #expect(parts[wanted.firstIndex(of: wanted.min() ?? 0) ?? 0] == parts.min())
  }

  @Test("The nearest of 8 and 16 colours")
  func ansi() {
    #expect(XtermPalette.nearestANSI(to: 0xD00010, count: 8) == 1)
    #expect(XtermPalette.nearestANSI(to: 0xFFFFFF, count: 16) == 15)
    #expect(XtermPalette.nearestANSI(to: 0xFFFFFF, count: 8) == 7)
    #expect(XtermPalette.nearestANSI(to: 0x3E4957, count: 16) == 8)
  }

  @Test("ASCII stands in for every glyph that widgets draw")
  func asciiFallback() {
    #expect(GlyphSet.asciiFallback(for: "─") == "-")
    #expect(GlyphSet.asciiFallback(for: "╭") == "+")
    #expect(GlyphSet.asciiFallback(for: "→") == ">")
    #expect(GlyphSet.asciiFallback(for: "a") == "a")
    for glyph in "╭╮╰╯│┤┬┊▲▼▶‖⣿▇█━╸…‹›·×".unicodeScalars {
      let fallback = GlyphSet.asciiFallback(for: glyph)
      #expect(fallback.isASCII && fallback != "?", "\(glyph)")
    }
  }

  @Test("Glyph tables have a glyph one column wide for every pattern", arguments: GlyphSet.all)
  func tables(glyphs: GlyphSet) {
    #expect(glyphs.dots.glyphs.count == 1 << (glyphs.dots.columns * glyphs.dots.rows))
    #expect(glyphs.dots.glyphs.allSatisfy { displayWidth($0) == 1 })
    #expect(glyphs.dots.glyphs.first == " ")
    #expect(glyphs.verticalLevels.first == " ")
    #expect(displayWidth(glyphs.legendStroke) == 2)
    #expect(displayWidth(glyphs.legendDashes) == 2)
    if glyphs.name == "ascii" { #expect(glyphs.dots.glyphs.allSatisfy { $0.isASCII }) }
    #expect(GlyphSet(named: glyphs.name)?.name == glyphs.name)
  }
}
