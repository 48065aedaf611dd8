/// The sequences that terminfo has for a terminal's keys.
package struct TerminalKeys: Hashable, Sendable {
  private var keys: [[UInt8]: Key] = [:]
  private var beginnings: Set<[UInt8]> = []

  /// No sequences: the parser then knows the usual forms alone.
  package init() {}

  /// The sequences of the capabilities below.
  /// - Parameter string: terminfo's string of a capability; nil where it has none.
  package init(string: (String) -> [UInt8]?) {
    let functions = (1...63).map { ("kf\($0)", Key.function($0)) }
    // The first that has a sequence keeps it.
    for (name, key) in Self.capabilities + functions {
      guard let sequence = string(name), !sequence.isEmpty, keys[sequence] == nil else { continue }
      // The characters that every terminal has are no matter of terminfo.
      if sequence.count == 1, sequence[0] >= 0x20 || [0x03, 0x08, 0x09, 0x0A, 0x0D, 0x1A, 0x1B].contains(sequence[0]) {
        continue
      }
      keys[sequence] = key
      for length in 1..<sequence.count { beginnings.insert(Array(sequence[..<length])) }
    }
  }

  /// The key of a whole sequence; nil where it is none.
  func key(_ sequence: [UInt8]) -> Key? { keys.isEmpty ? nil : keys[sequence] }

  /// Whether a key's sequence begins so.
  func isBeginning(_ sequence: [UInt8]) -> Bool { beginnings.contains(sequence) }

  private static let capabilities: [(String, Key)] = [
    ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("kLFT", .shiftLeft), ("kRIT", .shiftRight),
    ("kri", .shiftUp), ("kind", .shiftDown), ("khome", .home), ("kHOM", .home), ("kend", .end), ("kEND", .end),
    ("kll", .end), ("kpp", .pageUp), ("kPRV", .pageUp), ("knp", .pageDown), ("kNXT", .pageDown), ("kich1", .insert),
    ("kIC", .insert), ("kdch1", .delete), ("kDC", .delete), ("kcbt", .backTab), ("kent", .enter), ("kbs", .backspace),
    ("ka1", .home), ("ka3", .pageUp), ("kc1", .end), ("kc3", .pageDown),
  ]
}
