import TerminalUI
import Testing

@Suite("A screen as a document")
struct FrameDocumentTests {
  private var frame: Frame {
    var frame = Frame(width: 6, height: 2)
    frame.text("a<é", x: 0, y: 0, style: Style(foreground: .rgb(0x12AB00), attributes: .bold))
    frame[3, 0] = Cell("▀", style: Style(foreground: .rgb(0xFF0000), background: .rgb(0x0000FF)))
    frame[4, 0] = Cell("⠃", style: Style(foreground: .ansi(9)))
    frame.text("二", x: 1, y: 1, style: Style(background: .ansi(2), attributes: [.reverse, .underline]))
    return frame
  }

  @Test("The suffix decides the form")
  func suffixes() {
    #expect(FrameDocument(path: "/a.b/c.SVG") == .svg && FrameDocument(path: "x.ans") == .ansi)
    #expect(FrameDocument(path: "x.ansi") == .ansi && FrameDocument(path: "x.txt") == .text)
    #expect(FrameDocument(path: "x.png") == nil && FrameDocument(path: "svg") == nil && FrameDocument(path: "") == nil)
  }

  @Test("Plain text has the glyphs alone")
  func plain() { #expect(FrameDocument.text.text(frame, theme: .standard) == "a<é▀⠃\n 二\n") }

  @Test("Escape sequences begin at each change of style, and end with the line")
  func ansi() {
    let lines = FrameDocument.ansi.text(frame, theme: .standard).split(separator: "\n")
    #expect(
      lines[0] == "\u{1B}[0;1;38;2;18;171;0ma<é\u{1B}[0;38;2;255;0;0;48;2;0;0;255m▀\u{1B}[0;91m⠃\u{1B}[0m \u{1B}[0m")
    #expect(lines[1] == "\u{1B}[0m \u{1B}[0;4;7;42m二\u{1B}[0m   \u{1B}[0m")
  }

  @Test("In SVG every word has its own place, and blocks are shapes")
  func svg() {
    let lines = FrameDocument.svg.text(frame, theme: .standard).split(separator: "\n").map(String.init)
    #expect(lines.first?.contains("viewBox=\"0 0 54 36\"") == true && lines.last == "</svg>")
    let texts = lines.filter { $0.hasPrefix("<text") }
    #expect(
      texts.first
        == "<text x=\"0\" y=\"14\" textLength=\"27\" lengthAdjust=\"spacingAndGlyphs\" fill=\"#12ab00\" "
        + "font-weight=\"bold\">a&lt;é</text>")
    // A wide glyph takes two columns.
    #expect(texts.last?.contains("x=\"9\" y=\"32\" textLength=\"18\"") == true)
    #expect(texts.last?.contains("text-decoration=\"underline\"") == true)
    // The upper half of a cell, and the two upper dots of another.
    #expect(
      lines.filter { $0.hasPrefix("<path") } == [
        "<path fill=\"#ff0000\" d=\"M27 0h9v9h-9z\"/>",
        "<path fill=\"#ff0000\" d=\"M37.2 1h2.2v2.4h-2.2zM37.2 5.5h2.2v2.4h-2.2z\"/>",
      ])
    #expect(lines.contains("<rect x=\"27\" y=\"0\" width=\"9\" height=\"18\" fill=\"#0000ff\"/>"))
  }
}
