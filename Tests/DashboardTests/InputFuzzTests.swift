import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

/// Bytes that are not a key never act as a key: random bytes inside sequences, in random parts, while lanes train.
///
/// `SIGNFLIP_FUZZ=1000000` tries a million sequences; the default is a quick test.
@Suite("Random bytes from the terminal")
struct InputFuzzTests {
  private static let count = ProcessInfo.processInfo.environment["SIGNFLIP_FUZZ"].flatMap { Int($0) } ?? 20_000

  /// SplitMix64.
  private struct Draws {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }

    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
    mutating func byte(_ range: ClosedRange<Int>) -> UInt8 {
      UInt8(range.lowerBound + below(range.count))
    }
    mutating func bytes(_ longest: Int, _ range: ClosedRange<Int> = 0...255) -> [UInt8] {
      (0..<below(longest + 1)).map { _ in byte(range) }
    }
  }

  enum Kind: CaseIterable { case control, function, operatingSystem, string, paste, character, controlCharacter }

  private static func without(_ end: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for byte in bytes where !(byte == end.last && result.suffix(end.count - 1).elementsEqual(end.dropLast())) {
      result.append(byte)
    }
    return result
  }

  // Bytes that are no key as a whole, but whose parts could be keys.
  private static func payload(_ kind: Kind, _ draws: inout Draws) -> [UInt8] {
    let escape: UInt8 = 0x1B
    let terminator: [UInt8] = [escape, UInt8(ascii: "\\")]
    switch kind {
    case .control:
      // A byte that is in no key's sequence, among bytes that are, control characters and invalid UTF-8.
      let odd = Array("!\"#%&'()*+,-./>=".utf8)
      var inside = draws.bytes(6, 0x30...0x3B) + [odd[draws.below(odd.count)]]
      for _ in 0..<draws.below(6) {
        let byte = [draws.byte(0x20...0x3F), draws.byte(0x80...0xFF), draws.byte(0x00...0x1A)][draws.below(3)]
        inside.append(byte)
      }
      return [escape, UInt8(ascii: "[")] + inside + [draws.byte(0x40...0x7E)]
    case .function:
      let none = Array("EGJKLNTUVWYefghiz{|}~\\@".utf8)
      return [escape, UInt8(ascii: "O")] + [none[draws.below(none.count)]]
    case .operatingSystem:
      let inside = without(terminator, draws.bytes(40).filter { $0 != 0x07 })
      let isOpen = inside.last == escape
      return [escape, UInt8(ascii: "]")] + inside + (draws.below(2) == 0 && !isOpen ? [0x07] : terminator)
    case .string:
      let introducers = Array("P_^X".utf8)
      return [escape, introducers[draws.below(4)]] + without(terminator, draws.bytes(40)) + terminator
    case .paste:
      let end = Array("\u{1B}[201~".utf8)
      return Array("\u{1B}[200~".utf8) + without(end, draws.bytes(60)) + end
    case .character:
      let broken: [[UInt8]] = [
        [draws.byte(0x80...0xBF)], [0xC0, draws.byte(0x80...0xBF)], [0xE0, draws.byte(0x80...0x9F), 0x80],
        [0xED, draws.byte(0xA0...0xBF), 0x80], [0xF4, draws.byte(0x90...0xBF), 0x80], [draws.byte(0xF5...0xFF)],
        [draws.byte(0xE1...0xEC), draws.byte(0x80...0xBF)], [draws.byte(0xC2...0xDF)],
      ]
      return broken[draws.below(broken.count)]
    case .controlCharacter:
      let bound: Set<UInt8> = [0x03, 0x07, 0x08, 0x09, 0x0A, 0x0C, 0x0D, 0x12, 0x1A, 0x1B, 0x1C]
      return draws.bytes(8, 0...0x1F).filter { !bound.contains($0) }
    }
  }

  @Test(arguments: Kind.allCases)
  func nothingInsideASequenceActs(kind: Kind) {
    var draws = Draws(state: UInt64(Kind.allCases.firstIndex(of: kind) ?? 0) + 1)
    var harness = Harness.training(300)
    _ = harness.frame()
    let commands = harness.engine.commands
    var parser = InputParser()
    var now = 10.0
    func wait(_ seconds: Double, _ parser: inout InputParser) -> [InputEvent] {
      now += seconds
      return parser.idle(at: now) + parser.idle(at: now)
    }
    for _ in 0..<Self.count / Kind.allCases.count {
      let bytes = Self.payload(kind, &draws)
      var events: [InputEvent] = []
      var place = 0
      while place < bytes.count {
        // ESC alone is a key after its timeout. Parts that arrive later are not lost.
        let size = 1 + draws.below(bytes.count - place)
        events += parser.feed(Array(bytes[place..<place + size]), at: now)
        place += size
        if draws.below(4) == 0 { events += wait([0.01, 0.03, 0.07, 0.4][draws.below(place > 1 ? 4 : 3)], &parser) }
      }
      events += wait(1.1, &parser)
      for event in events {
        switch event {
        case .paste, .report: break
        case .key(let key):
          // Ctrl with an unbound letter.
          if kind == .controlCharacter, case .control = key { break }
          Issue.record("\(key) from \(bytes)")
        default: Issue.record("\(event) from \(bytes)")
        }
        let effects = harness.dashboard.handle(event, now: now)
        if !effects.isEmpty { Issue.record("\(effects) from \(bytes)") }
      }
    }
    #expect(harness.engine.commands == commands && harness.dashboard.overlay == nil)
    #expect(harness.dashboard.toast == nil && harness.dashboard.live.editor.deadline == nil)
    // The next key is one.
    #expect(parser.feed(Array("x".utf8), at: now) == [.key(.character("x"))])
  }

  @Test func anyBytesAtAllLeaveTheParserSound() {
    var draws = Draws(state: 99)
    var parser = InputParser()
    var now = 0.0
    var events = 0
    for _ in 0..<Self.count / 20 {
      events += parser.feed(draws.bytes(100), at: now).count
      now += [0, 0.03, 0.1, 1.5][draws.below(4)]
      events += parser.idle(at: now).count
    }
    #expect(events > Self.count / 100)
    // Ends any unfinished input; a paste by its end mark.
    _ = parser.feed(Array("\u{1B}[201~".utf8), at: now)
    now += 2
    _ = parser.idle(at: now) + parser.idle(at: now)
    #expect(parser.feed(Array("x".utf8), at: now) == [.key(.character("x"))])
  }

  @Test func anyKeysAtAllLeaveTheDashboardSound() {
    var draws = Draws(state: 7)
    var harness = Harness.training(300)
    var parser = InputParser()
    for round in 0..<400 {
      for event in parser.feed(draws.bytes(60), at: Double(round) * 2) {
        // Commands to the engine are not sent, as only the screen is tested.
        _ = harness.dashboard.handle(event, now: Double(round) * 2)
      }
      _ = parser.idle(at: Double(round) * 2 + 1.5)
      if round % 8 == 0 { #expect(harness.screen().count > 100) }
    }
  }
}
