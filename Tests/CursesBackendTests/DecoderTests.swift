import CursesBackend
import TerminalUI
import Testing

@Suite("Keys, mouse and terminfo")
struct DecoderTests {
  @Test(
    "Control characters are keys",
    arguments: [
      (0x0D, Key.enter), (0x0A, .enter), (0x09, .tab), (0x7F, .backspace), (0x08, .backspace), (0x1B, .escape),
      (0x05, .control("e")), (0x1A, .control("z")), (0x41, .character("A")), (0x65E5, .character("日")),
    ] as [(UInt32, Key)])
  func scalars(value: UInt32, key: Key) throws {
    #expect(KeyDecoder.key(scalar: try #require(Unicode.Scalar(value))) == key)
  }

  @Test(
    "Control sequences that terminfo may not have",
    arguments: [
      ([1, 2], "C", Key.shiftRight), ([1, 5], "C", .right), ([], "A", .up), ([1, 2], "A", .shiftUp),
      ([5], "~", .pageUp),
      ([15], "~", .function(5)), ([24], "~", .function(12)), ([3], "~", .delete), ([], "Z", .backTab),
      ([7], "~", .home),
      ([], "P", .function(1)), ([1, 6], "D", .shiftLeft),
    ] as [([Int], Unicode.Scalar, Key)])
  func sequences(parameters: [Int], final: Unicode.Scalar, key: Key) {
    #expect(KeyDecoder.key(parameters: parameters, final: final) == key)
  }

  @Test("Sequences without meaning are not keys")
  func unknown() {
    #expect(KeyDecoder.key(parameters: [99], final: "~") == nil)
    #expect(KeyDecoder.key(parameters: [99, 5], final: "u") == nil)
    #expect(KeyDecoder.key(scalar: "\u{00}") == nil)
    #expect(KeyDecoder.key(scalar: "\u{9B}") == nil)
  }

  @Test(
    "SGR mouse sequences",
    arguments: [
      ("0;5;7", false, MouseEvent(.press, x: 4, y: 6)), ("0;5;7", true, MouseEvent(.release, x: 4, y: 6)),
      ("32;300;7", false, MouseEvent(.drag, x: 299, y: 6)), ("64;1;1", false, MouseEvent(.wheelUp, x: 0, y: 0)),
      ("65;1;1", false, MouseEvent(.wheelDown, x: 0, y: 0)), ("4;2;2", false, MouseEvent(.press, x: 1, y: 1)),
      ("2;2;2", false, nil), ("35;2;2", false, nil), ("0;0;0", false, nil), ("0;1", false, nil), ("x;1;1", false, nil),
    ])
  func mouse(text: String, isRelease: Bool, event: MouseEvent?) {
    #expect(MouseDecoder.event(sgr: text, isRelease: isRelease) == event)
  }

  @Test("The older mouse form")
  func x10() {
    #expect(MouseDecoder.event(x10: [32, 37, 39]) == MouseEvent(.press, x: 4, y: 6))
    #expect(MouseDecoder.event(x10: [35, 37, 39]) == MouseEvent(.release, x: 4, y: 6))
    #expect(MouseDecoder.event(x10: [96, 33, 33]) == MouseEvent(.wheelUp, x: 0, y: 0))
    #expect(MouseDecoder.event(x10: [32, 33]) == nil)
  }

  @Test("Pauses for slow terminals are left out of a sequence")
  func padding() {
    #expect(TerminalSequences.withoutPadding("\u{1B}[?5h$<100/>\u{1B}[?5l") == "\u{1B}[?5h\u{1B}[?5l")
    #expect(TerminalSequences.withoutPadding("a$b$<5") == "a$b$<5")
  }

  @Test("In GNU screen the mouse is off, so that Escape arrives at once")
  func gnuScreen() {
    #expect(TerminalOptions(environment: ["TERM": "screen", "TMUX": "/tmp/tmux-0/default"]).usesMouse)
    #expect(!TerminalOptions(environment: ["TERM": "screen", "STY": "4071.pts-1"]).usesMouse)
  }

  @Test("A terminfo entry gets exact colours and keeps the rest")
  func directColor() throws {
    let entry = try #require(CompiledTerminfo.load("xterm-256color"), "ncurses-base ships it")
    #expect(entry.colorCount == 256)
    let direct = entry.withDirectColor()
    #expect(direct.colorCount == 0x100_0000)
    let again = try #require(CompiledTerminfo(direct.bytes), "what is written can be read")
    #expect(again.colorCount == 0x100_0000)
    #expect(again.bytes == direct.bytes)
    let text = String(decoding: direct.bytes, as: UTF8.self)
    #expect(text.contains("38;2;%p1"))
    #expect(text.hasSuffix("RGB\0"))
    #expect(text.contains("\u{1B}[?1049h"), "the other capabilities are as they were")
    #expect(direct.environmentValue.hasPrefix("hex:1E02"))
  }

  @Test("Broken terminfo entries are refused")
  func brokenTerminfo() throws {
    let bytes = try #require(CompiledTerminfo.load("xterm-256color")).bytes
    #expect(CompiledTerminfo([]) == nil)
    #expect(CompiledTerminfo([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]) == nil)
    for length in stride(from: 0, to: 1500, by: 37) { _ = CompiledTerminfo(Array(bytes.prefix(length))) }
    #expect(CompiledTerminfo(Array(bytes.prefix(300))) == nil)
    #expect(CompiledTerminfo.load("no-such-terminal") == nil)
    #expect(CompiledTerminfo.load("../passwd") == nil)
  }
}
