import TerminalUI
import Testing

@Suite("The input parser")
struct InputParserTests {
  // MARK: Escape

  @Test func aLoneEscapeIsAKeyAfterItsTime() {
    for (escape, total) in [(0.025, 0.075), (0.1, 0.15), (0, 0.05)] {
      var line = Line(timing: InputTiming(escape: escape))
      line.send("\u{1B}")
      line.wait(total - 0.001)
      #expect(line.take().isEmpty)
      line.wait(0.002)
      #expect(line.take() == [.key(.escape)])
      line.wait(5)
      #expect(line.take().isEmpty && line.parser.deadline == nil)
    }
  }

  @Test func anotherKeyEndsTheWaitForItsRest() {
    var line = Line()
    line.send("\u{1B}")
    line.wait(0.03)
    line.send("j")
    #expect(line.take() == [.key(.escape), .key(.character("j"))])
    line.send("\u{1B}")
    line.wait(0.04)
    line.send("\u{1B}")
    line.wait(0.2)
    #expect(line.take() == [.key(.escape), .key(.escape)])
    line.send("\u{1B}\u{1B}")
    line.wait(0.2)
    #expect(line.take() == [.key(.escape), .key(.escape)])
  }

  @Test func whatIsTypedAfterEscapeIsKeys() {
    var line = Line()
    line.send("\u{1B}")
    line.wait(0.2)
    line.send("[")
    line.wait(0.2)
    line.send("C")
    #expect(line.take() == [.key(.escape), .key(.character("[")), .key(.character("C"))])
    line.send("\u{1B}")
    line.wait(1.2)
    line.send("[C")
    #expect(line.take().count == 3)
    // No sequence begins with this.
    line.send("\u{1B}")
    line.wait(0.2)
    line.send("qn")
    #expect(line.take() == [.key(.escape), .key(.character("q")), .key(.character("n"))])
  }

  @Test func theEnvironmentTellsHowLong() {
    #expect(InputTiming(environment: [:]).escape == 0.025)
    #expect(InputTiming(environment: ["SSH_CONNECTION": "10.0.0.1 5022 10.0.0.2 22"]).escape == 0.1)
    #expect(InputTiming(environment: ["SSH_TTY": "/dev/pts/3"]).escape == 0.1)
    #expect(InputTiming(environment: ["SSH_CLIENT": ""]).escape == 0.025)
    #expect(InputTiming(environment: ["ESCDELAY": "400"]).escape == 0.4)
    #expect(InputTiming(environment: ["ESCDELAY": "10", "SSH_CLIENT": "10.0.0.1 5022 22"]).escape == 0.01)
    for value in ["", "soon", "-5", "1e9", "99999999999999999999"] {
      #expect(InputTiming(environment: ["ESCDELAY": value]).escape == 0.025)
    }
  }

  // MARK: Unfinished sequences

  @Test(arguments: ["[", "[1;", "[<0;10", "O", "]0;title", "P1$r", "_Gi=1", "^", "X", "[M", "[M %", "[[", "]8;;\u{1B}"])
  func nothingIsAKeyUntilASecondHasPassed(beginning: String) {
    var line = Line()
    line.send("\u{1B}" + beginning)
    line.wait(0.95)
    #expect(line.parser.deadline != nil)
    line.wait(0.1)
    #expect(line.take().isEmpty && line.parser.deadline == nil)
    line.send("C?")
    #expect(line.take() == [.key(.character("C")), .key(.character("?"))])
  }

  @Test func aStringEndsOnlyWithItsEnd() {
    for (begin, end) in [("]", "\u{07}"), ("]", "\u{1B}\\"), ("P", "\u{1B}\\"), ("_", "\u{1B}\\"), ("X", "\u{1B}\\")] {
      var line = Line()
      line.send("\u{1B}\(begin)")
      for piece in ["sxC", "\u{18}\u{1A}\u{03}", "\u{1B}", "[C", "\u{1B}x", "\u{1B}]q", "日本"] {
        line.send(piece)
        line.wait(0.6)
      }
      if end != "\u{07}", begin != "]" { line.send("\u{07}q") }
      line.send(end)
      #expect(line.take().isEmpty)
      line.send("j")
      #expect(line.take() == [.key(.character("j"))])
    }
  }

  @Test func aSequenceBeginsAnewWhereTheEndOfOneIsLost() {
    var line = Line()
    line.send("\u{1B}[1;\u{1B}[B")
    line.send("\u{1B}[<0;1\u{1B}OA")
    line.send("\u{1B}O\u{1B}[A")
    #expect(line.take() == [.key(.down), .key(.up), .key(.up)])
    line.send("\u{1B}[1;\u{1B}3C")
    #expect(line.take().isEmpty)
  }

  @Test(
    arguments: [
      "[999;5C", "[1;900D", "[1;2;3A", "[5C", "[<0;5M", "[<0;5;7;9M", "[1\u{00}C", "[1é;2D", "[?1C", "[>C",
      "[1 C", "[99999999999999999999~", "[1114112u", "[55296u", "[97;999999u", "[200;1~", "[201~", "OZ1", "O\u{03}",
    ])
  func whatIsNoKeysSequenceIsNone(sequence: String) {
    var line = Line()
    line.send("\u{1B}" + sequence)
    line.wait(2)
    let isKey: (InputEvent) -> Bool = { if case .key = $0 { true } else { false } }
    let allowed: [InputEvent] = sequence == "OZ1" ? [.key(.backTab), .key(.character("1"))] : []
    #expect(line.events.filter(isKey) == allowed)
  }

  // MARK: Paste

  @Test func aPasteLastsUntilItsEndMark() {
    var line = Line()
    line.send("\u{1B}[200~first")
    line.wait(3600)
    line.send("\u{1B}[201")
    line.wait(60)
    line.send("x\u{1B}\u{1B}[20")
    line.wait(60)
    #expect(line.events.isEmpty && line.parser.deadline == nil)
    line.send("1~j")
    #expect(line.events == [.paste(PastedText("first[201x")), .key(.character("j"))])
  }

  @Test func aPasteIsCleanedAndBounded() {
    var line = Line()
    line.send("\u{1B}[200~a\r\nb\rc\nd\te\u{9B}f\u{7F}g\u{0}".utf8 + [0xC3] + "h".utf8 + [0xFF] + "\u{1B}[201~".utf8)
    #expect(line.take() == [.paste(PastedText("a\nb\nc\nd\tefgh"))])

    line.send("\u{1B}[200~")
    for _ in 0..<1000 { line.send(String(repeating: "é", count: 500)) }
    line.send("\u{1B}[201~")
    guard case .paste(let pasted) = line.take().first else {
      Issue.record("no paste")
      return
    }
    #expect(pasted.text == String(repeating: "é", count: 32_768) && pasted.omitted == 500_000 - 32_768)
  }

  @Test func controlCAfterSilenceLeavesALostPaste() {
    var line = Line()
    line.send("\u{1B}[200~text")
    line.send([0x03])
    line.wait(0.5)
    line.send([0x03])
    line.wait(1.5)
    #expect(line.take().isEmpty)
    line.send([0x03])
    line.send("j")
    #expect(line.take() == [.key(.character("j"))])
  }

  // MARK: Characters

  @Test func brokenCharactersAreDropped() {
    for broken in [
      [0x80], [0xBF, 0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80], [0xFF], [0xE6, 0x97], [0xF0, 0x9F, 0x98],
    ] as [[UInt8]] {
      var line = Line()
      line.send(broken + "日j".utf8)
      #expect(line.events == [.key(.character("日")), .key(.character("j"))], "\(broken)")
    }
  }

  @Test func aLocaleOfSingleBytes() {
    var parser = InputParser(highCharacters: [0xE9: "é", 0x9B: "\u{9B}"])
    #expect(parser.feed([0xE9, 0x9B, 0x41, 0xFF], at: 0) == [.key(.character("é")), .key(.character("A"))])
  }

  @Test func terminfoKnowsSequencesOfItsOwn() {
    // A terminal of the seventies, and the Linux console's Shift+Tab.
    let strings = ["kcuu1": "\u{0B}", "kcuf1": "\u{0C}", "kcbt": "\u{1B}\t", "kf2": "\u{1B}?r", "kcub1": "\u{08}"]
    var line = Line(keys: TerminalKeys { strings[$0].map { Array($0.utf8) } })
    line.send("\u{0B}\u{0C}\u{1B}\t\u{1B}?r\u{08}\u{1B}?x")
    #expect(
      line.events == [.key(.up), .key(.right), .key(.backTab), .key(.function(2)), .key(.backspace)])
  }

  @Test func aFloodIsTakenInOnePass() {
    // A million of them, which only a parser that reads each byte once can handle.
    var line = Line()
    for _ in 0..<100 { line.send(String(repeating: "\u{1B}[Cé\u{1B}[200~x\u{1B}[201~", count: 100)) }
    #expect(line.events.count == 30_000)
  }

  // The reply to a status query may arrive at any time.
  @Test(arguments: [
    "\u{1B}[C", "\u{1B}OA", "\u{1B}[1;5C", "\u{1B}[<64;10;5M", "\u{1B}[M !!", "\u{1B}[200~ab\u{1B}[201~", "\u{1B}",
  ])
  func anAnswerInTheMiddleBreaksNoKey(sequence: String) {
    let bytes = Array(sequence.utf8)
    var whole = InputParser()
    let expected = whole.feed(bytes, at: 0) + whole.idle(at: 2) + whole.idle(at: 2)
    #expect(!expected.isEmpty)
    for place in 1...bytes.count {
      var parser = InputParser()
      var events = parser.feed(Array(bytes[..<place]), at: 0)
      events += parser.feed(Array("\u{1B}[0n".utf8), at: 0.01)
      events += parser.feed(Array(bytes[place...]), at: 0.02)
      events += parser.idle(at: 2) + parser.idle(at: 2)
      #expect(events.filter { $0 != .report(.status(0)) } == expected, "cut at \(place)")
      #expect(events.count == expected.count + 1)
    }
  }
}
