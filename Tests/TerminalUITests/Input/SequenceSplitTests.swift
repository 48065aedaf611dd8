import TerminalUI
import Testing

@Suite("Recorded sequences, whole and in pieces")
struct SequenceSplitTests {
  private static let rows = SequenceCorpus.rows

  private static func expected(_ row: SequenceCorpus.Row) -> [InputEvent] { row.event.map { [$0] } ?? [] }

  @Test func theCorpusIsThere() {
    #expect(Self.rows.count > 300)
    let terminals = Set(Self.rows.map(\.terminal))
    #expect(terminals.isSuperset(of: ["xterm", "tmux", "kitty", "linux", "mosh", "screen", "rxvt"]))
  }

  @Test func everySequenceIsItsEvent() {
    for row in Self.rows {
      var line = Line(keys: row.keys)
      line.send(row.bytes)
      line.wait(2)
      #expect(line.events == Self.expected(row), "\(row)")
    }
  }

  @Test func terminfoKnowsThemAsWell() {
    for row in Self.rows {
      let bytes = row.bytes
      // Some keys of rxvt and of the Linux console are not regular control sequences, and end by special rules.
      guard case .key = row.event, bytes.count > 1, bytes[0] == 0x1B, bytes.last != UInt8(ascii: "$"),
        bytes[1] != 0x1B, bytes[2...].first != UInt8(ascii: "[")
      else { continue }
      var line = Line(keys: TerminalKeys { $0 == "kcuu1" ? bytes : nil })
      line.send(bytes)
      line.wait(2)
      #expect(line.events == [.key(.up)], "\(row)")
    }
  }

  @Test func splitWithoutAPauseTheyAreTheSame() {
    for row in Self.rows where row.bytes.count > 1 {
      for place in 1..<row.bytes.count {
        var line = Line(keys: row.keys)
        line.send(row.bytes[..<place])
        line.send(row.bytes[place...])
        line.wait(2)
        #expect(line.events == Self.expected(row), "\(row), split at \(place)")
      }
    }
  }

  @Test(arguments: [0.024, 0.04, 0.06, 0.3, 0.9])
  func splitByAPauseTheyAreNeverOtherKeys(pause: Double) {
    for row in Self.rows where row.isSequence {
      for place in 1..<row.bytes.count {
        var line = Line()
        line.send(row.bytes[..<place])
        line.wait(pause)
        line.send(row.bytes[place...])
        line.wait(2)
        if place > 1 || pause < 0.075 {
          #expect(line.events == Self.expected(row), "\(row), split at \(place)")
        } else {
          // ESC alone was already reported. The rest is recognized and is not a key.
          var wanted: [InputEvent] = [.key(.escape)]
          switch row.event {
          case .paste, .report: wanted += Self.expected(row)
          default: break
          }
          #expect(line.events == wanted, "\(row), split at \(place)")
        }
      }
    }
  }

  @Test(arguments: [(0.025, 0.02), (0.025, 0.07), (0.1, 0.14)])
  func aByteAtATime(escape: Double, pause: Double) {
    for row in Self.rows where row.isSequence {
      var line = Line(timing: InputTiming(escape: escape))
      for byte in row.bytes {
        line.send([byte])
        line.wait(byte == row.bytes.last ? 0 : pause)
      }
      line.wait(2)
      #expect(line.events == Self.expected(row), "\(row)")
    }
  }

  @Test func theReadersOwnDelaySplitsNothing() {
    // The reader did not poll for a long time.
    for row in Self.rows where row.isSequence {
      var parser = InputParser()
      var events = parser.feed([row.bytes[0]], at: 1)
      events += parser.feed(Array(row.bytes[1...]), at: 1.4)
      events += parser.idle(at: 4)
      events += parser.idle(at: 8)
      #expect(events == Self.expected(row), "\(row)")
    }
  }

  @Test func charactersAreCompletedAndBrokenOnesDropped() {
    for row in Self.rows where row.bytes[0] >= 0xC0 {
      for place in 1..<row.bytes.count {
        var line = Line()
        line.send(row.bytes[..<place])
        line.wait(0.5)
        line.send(row.bytes[place...])
        #expect(line.events == Self.expected(row), "\(row), split at \(place)")
      }
      var line = Line()
      line.send(row.bytes.dropLast())
      line.wait(2)
      line.send("j")
      #expect(line.events == [.key(.character("j"))], "\(row), cut")
    }
  }
}
