import CursesBackend
import TerminalUI
import Testing

@Suite("Capabilities by terminal name")
struct CapabilitiesTests {
  private func capabilities(_ name: String, colors: Int = 256, isUTF8: Bool = true) -> TerminalCapabilities {
    TerminalCapabilities(
      colorCount: colors, isMonochrome: false, isUTF8: isUTF8, hasMouse: true, terminalName: name, hasClipboard: true)
  }

  @Test(
    "Consoles get glyphs that their fonts have",
    arguments: ["linux", "linux-16color", "cons25", "vt100", "vt220", "wsvt25", "screen.linux"])
  func consoles(name: String) {
    #expect(capabilities(name).glyphs.name == "console")
    #expect(capabilities(name, isUTF8: false).glyphs.name == "ascii")
  }

  @Test(
    "Terminals on a desktop get braille",
    arguments: ["xterm", "xterm-256color", "tmux-256color", "screen", "screen.xterm-256color", "alacritty", "foot"])
  func windows(name: String) {
    #expect(capabilities(name).glyphs.name == "braille")
    #expect(capabilities(name, isUTF8: false).glyphs.name == "ascii")
  }

  @Test("A terminal of few colours gets the theme that can be read on black and on white", arguments: [8, 16, 88])
  func fewColors(count: Int) {
    #expect(capabilities("xterm", colors: count).suited(.standard) == .terminal)
  }
}
