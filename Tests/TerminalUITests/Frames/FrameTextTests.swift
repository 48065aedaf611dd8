import TerminalUI
import Testing

@Suite("Text in frames")
struct FrameTextTests {
  /// One drawn line of text.
  func line(_ text: String, _ maxWidth: Int? = nil, frame width: Int = 20, x: Int = 0, y: Int = 0) -> String {
    drawn(width, 1) { $0.text(text, x: x, y: y, style: Style(), maxWidth: maxWidth) }
  }

  @Test("Text is cut off with an ellipsis exactly when it is too long")
  func truncation() {
    #expect(line("abcdef", 6) == "abcdef")
    #expect(line("abcdefg", 6) == "abcde…")
    #expect(line("abc", 0) == "")
    var frame = Frame(width: 10, height: 1)
    let long = frame.text("abcdefg", x: 0, y: 0, style: Style(), maxWidth: 6)
    let short = frame.text("ab", x: 0, y: 0, style: Style(), maxWidth: 6)
    #expect(long == 6)
    #expect(short == 2)
  }

  @Test("Wide glyphs take two cells, marks that combine none")
  func widths() {
    #expect(displayWidth("abc") == 3)
    #expect(displayWidth("日本") == 4)
    #expect(displayWidth("e\u{301}") == 1)
    #expect(displayWidth("👩‍💻") == 2)
    #expect(displayWidth("╭─⣿▇┊ ‹›×…") == 10)
    #expect(line("日本語", 5) == "日本…")
    // Five columns would split the third glyph, so there are four and the ellipsis.
    #expect(line("日本語", 4) == "日…")
    var frame = Frame(width: 3, height: 1)
    frame.text("日本", x: 0, y: 0, style: Style())
    #expect(frame[1, 0].glyph == Cell.continuation)
    #expect(frame[2, 0].glyph == " ", "half a glyph does not fit")
  }

  @Test("Overwriting half of a wide glyph blanks the other half")
  func severing() {
    var frame = Frame(width: 6, height: 1)
    frame.text("日本", x: 0, y: 0, style: Style())
    frame.text("x", x: 1, y: 0, style: Style())
    #expect(FrameText.plain(frame) == " x本")
    frame.text("日本", x: 0, y: 0, style: Style())
    frame.text("x", x: 2, y: 0, style: Style())
    #expect(FrameText.plain(frame) == "日x")
    frame.text("日本", x: 0, y: 0, style: Style())
    frame.fill(Rect(x: 1, y: 0, width: 2, height: 1), with: Cell("-"))
    #expect(FrameText.plain(frame) == " --")
  }

  @Test("Control characters never reach a cell")
  func controlCharacters() {
    let text = drawn(12, 1) { $0.text("a\u{1B}[2Jb\u{9B}\n", x: 0, y: 0, style: Style()) }
    #expect(text == "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}")
  }

  @Test("Drawing outside the frame is left out")
  func clipping() {
    let text = drawn(4, 1) {
      $0.text("abcdef", x: -2, y: 0, style: Style())
      $0.text("no", x: 0, y: 5, style: Style())
      $0.text("no", x: 0, y: -1, style: Style())
      $0.fill(Rect(x: -5, y: -5, width: 3, height: 3), with: Cell("#"))
    }
    #expect(text == "cdef")
  }

  @Test("A line of pieces is cut off as a whole")
  func pieces() {
    let line = [StyledText("loss ", Style()), StyledText("0.0412", Style(attributes: .bold))]
    for (width, expected) in [(11, "loss 0.0412"), (8, "loss 0.…"), (5, "loss…"), (3, "lo…")] {
      let text = drawn(20, 1) { $0.text(line, x: 0, y: 0, maxWidth: width) }
      #expect(text == expected)
    }
  }

  @Test("A box has round corners and its titles in the upper edge")
  func border() {
    let text = drawn(24, 3) {
      $0.border(
        $0.bounds, title: [StyledText("loss", Style())], trailing: [StyledText("epoch 7", Style())], style: Style(),
        glyphs: .braille)
    }
    #expect(
      text == """
        ╭─ loss ───── epoch 7 ─╮
        │                      │
        ╰──────────────────────╯
        """)
    let narrow = drawn(14, 3) {
      $0.border(
        $0.bounds, title: [StyledText("accuracy", Style())], trailing: [StyledText("7", Style())], style: Style(),
        glyphs: .ascii)
    }
    #expect(narrow == "+- accuracy -+\n|            |\n+------------+")
  }

  @Test("Only differing cells are changes, and adjacent changes are merged")
  func changes() {
    let before = Frame(width: 30, height: 3)
    var after = before
    #expect(after.changes(since: before).isEmpty)
    after[2, 1] = Cell("a")
    after[5, 1] = Cell("b")
    after[20, 1] = Cell("c")
    #expect(
      after.changes(since: before) == [Frame.Run(y: 1, columns: 2..<6), Frame.Run(y: 1, columns: 20..<21)])
    #expect(after.changes(since: nil).count == 3)
    #expect(after.changes(since: Frame(width: 29, height: 3)).count == 3)
    after = before
    after.text("日", x: 4, y: 0, style: Style())
    var later = after
    later[4, 0].style.attributes = .bold
    #expect(later.changes(since: after) == [Frame.Run(y: 0, columns: 4..<6)], "a wide glyph is sent whole")
  }
}
