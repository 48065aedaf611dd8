import TerminalUI
import Testing

@Suite("Cut text")
struct TruncationTests {
  @Test("Text is cut by the columns that it takes")
  func cut() {
    #expect(truncated("baseline", width: 8) == "baseline")
    #expect(truncated("baselines", width: 8) == "baselin…")
    #expect(truncated("二値ネットワーク", width: 9) == "二値ネッ…")
    #expect(truncated("二値ネットワーク", width: 8) == "二値ネ…", "no glyph is cut in half")
    #expect(truncated("cafe\u{301} au lait", width: 5) == "cafe\u{301}…")
    #expect(truncated("👩\u{200D}👩\u{200D}👧 family", width: 4) == "👩\u{200D}👩\u{200D}👧 …")
    #expect(truncated("abc", width: 0) == "" && truncated("abc", width: 1) == "…")
    for name in ["x", "二値", "a long name of a lane", "e\u{301}\u{301}", "🇩🇪🎉"] {
      for width in 1...12 { #expect(displayWidth(fitted(name, width: width)) == width, "\(name) in \(width)") }
    }
  }
}
