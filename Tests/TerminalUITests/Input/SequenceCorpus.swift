import Foundation
import TerminalUI

/// The bytes that terminals send, with the expected event.
struct SequenceCorpus {
  struct Row: CustomStringConvertible, Sendable {
    var terminal: String
    var name: String
    var bytes: [UInt8]
    /// Nil if the bytes have no meaning.
    var event: InputEvent?

    /// Sequences that are only in terminfo.
    var keys: TerminalKeys {
      terminal == "linux" ? TerminalKeys { $0 == "kcbt" ? Array("\u{1B}\t".utf8) : nil } : TerminalKeys()
    }

    var description: String { "\(terminal), \(name)" }
    /// Whether an ESC starts something longer than a character with Alt.
    var isSequence: Bool { bytes.count > 2 && bytes[0] == 0x1B && Array("[O]P_^X".utf8).contains(bytes[1]) }
  }

  enum Fault: Error { case line(String) }

  static let rows: [Row] = {
    do { return try read() } catch { return [] }
  }()

  private static func read() throws -> [Row] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("sequences.tsv")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      let fields = $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 4, let event = event(fields[3]) else { throw Fault.line(String($0)) }
      return Row(terminal: fields[0], name: fields[1], bytes: bytes(fields[2]), event: event)
    }
  }

  private static func bytes(_ text: String) -> [UInt8] {
    let names: [UInt8: UInt8] = [
      UInt8(ascii: "e"): 0x1B, UInt8(ascii: "s"): 0x20, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "n"): 0x0A,
      UInt8(ascii: "t"): 0x09, UInt8(ascii: "a"): 0x07, UInt8(ascii: "\\"): 0x5C,
    ]
    let source = Array(text.utf8)
    var result: [UInt8] = []
    var place = 0
    while place < source.count {
      if source[place] == UInt8(ascii: "\\") {
        if source[place + 1] == UInt8(ascii: "x") {
          result.append(UInt8(String(decoding: source[place + 2...place + 3], as: UTF8.self), radix: 16) ?? 0)
          place += 4
        } else {
          result.append(names[source[place + 1]] ?? 0)
          place += 2
        }
      } else {
        result.append(source[place])
        place += 1
      }
    }
    return result
  }

  private static func event(_ text: String) -> InputEvent?? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let numbers = words.dropFirst().compactMap { Int($0) }
    switch words[0] {
    case "none": return .some(nil)
    case "key": return keys[words[1]].map { .key($0) }
    case "char": return .key(.character(Character(words[1])))
    case "ctrl": return .key(.control(Character(words[1])))
    case "mouse":
      let kinds: [String: MouseEvent.Kind] = [
        "press": .press, "release": .release, "drag": .drag, "wheel-up": .wheelUp, "wheel-down": .wheelDown,
      ]
      return kinds[words[1]].map { .mouse(MouseEvent($0, x: numbers[0], y: numbers[1])) }
    case "paste": return .paste(PastedText(String(decoding: bytes(words[1]), as: UTF8.self)))
    case "status": return .report(.status(numbers[0]))
    case "cursor": return .report(.cursor(row: numbers[0], column: numbers[1]))
    case "mode": return .report(.mode(numbers[0], value: numbers[1]))
    case "images": return .report(.drawsImages)
    case "attributes": return .report(.attributes(numbers))
    default: return nil
    }
  }

  private static let keys: [String: Key] = {
    var keys: [String: Key] = [
      "up": .up, "down": .down, "left": .left, "right": .right, "home": .home, "end": .end, "page-up": .pageUp,
      "page-down": .pageDown, "insert": .insert, "delete": .delete, "back-tab": .backTab, "tab": .tab, "enter": .enter,
      "escape": .escape, "backspace": .backspace, "shift-up": .shiftUp, "shift-down": .shiftDown,
      "shift-left": .shiftLeft, "shift-right": .shiftRight,
    ]
    for number in 1...12 { keys["f\(number)"] = .function(number) }
    return keys
  }()
}

/// A parser with a simulated clock, which works like the terminal's reader.
struct Line {
  var parser: InputParser
  private(set) var now = 100.0
  private(set) var events: [InputEvent] = []

  init(timing: InputTiming = InputTiming(), keys: TerminalKeys = TerminalKeys()) {
    parser = InputParser(timing: timing, keys: keys)
  }

  mutating func send(_ bytes: some Sequence<UInt8>) { events += parser.feed(Array(bytes), at: now) }
  mutating func send(_ text: String) { send(text.utf8) }

  /// Polls repeatedly without input.
  mutating func wait(_ seconds: Double) {
    let end = now + seconds
    while let deadline = parser.deadline, deadline <= end {
      now = max(now, deadline)
      events += parser.idle(at: now)
    }
    now = end
    events += parser.idle(at: now)
  }

  /// Returns and clears the events.
  mutating func take() -> [InputEvent] {
    defer { events = [] }
    return events
  }
}
