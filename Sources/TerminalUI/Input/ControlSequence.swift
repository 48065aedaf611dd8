/// The numbers of a control sequence: `1;5` or, with the parts of kitty, `97:65;5:3`.
struct SequenceParameters {
  /// The first part of each; 0 where it is empty.
  private(set) var numbers: [Int] = []
  /// kitty's kind of event: 1 a press, 2 a repetition, 3 a release.
  private(set) var eventKind = 1
  /// kitty's character with Shift; nil where it is not told.
  private(set) var shifted: Int?

  /// No numbers.
  init() {}

  /// The numbers of a sequence; nil where it has anything else.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else { return }
    for (place, field) in bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).enumerated() {
      var parts: [Int] = []
      for part in field.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
        // Seven digits are more than any column, character or modifier has.
        guard part.count <= 7, part.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        parts.append(part.reduce(0) { $0 * 10 + Int($1 - 0x30) })
      }
      numbers.append(parts.first ?? 0)
      if parts.count > 1 {
        if place == 0 { shifted = parts[1] } else if place == 1 { eventKind = parts[1] }
      }
    }
  }
}

/// What control sequences, `ESC [ … final`, mean.
enum ControlSequence {
  /// The event of a sequence; nil where it means nothing here.
  static func event(_ bytes: [UInt8], final: UInt8, keys: TerminalKeys) -> InputEvent? {
    if let key = keys.key([0x1B, UInt8(ascii: "[")] + bytes + [final]) { return .key(key) }
    switch bytes.first {
    case UInt8(ascii: "<"):
      guard final == UInt8(ascii: "M") || final == UInt8(ascii: "m"), let parameters = SequenceParameters(bytes[1...])
      else { return nil }
      return MouseDecoder.event(sgr: parameters.numbers, isRelease: final == UInt8(ascii: "m")).map(InputEvent.mouse)
    case UInt8(ascii: "?"): return report(bytes[1...], final: final).map(InputEvent.report)
    default:
      guard let parameters = SequenceParameters(bytes[...]) else { return nil }
      return event(parameters, final: Unicode.Scalar(final))
    }
  }

  private static func event(_ parameters: SequenceParameters, final: Unicode.Scalar) -> InputEvent? {
    let numbers = parameters.numbers
    switch final {
    case "M": return MouseDecoder.event(urxvt: numbers).map(InputEvent.mouse)
    case "n": return numbers.count == 1 && (numbers[0] == 0 || numbers[0] == 3) ? .report(.status(numbers[0])) : nil
    case "R" where numbers.count == 2 && numbers[0] > 1:
      return .report(.cursor(row: numbers[0], column: numbers[1]))
    case _ where parameters.eventKind == 3: return nil
    case "u":
      let modifiers = numbers.count > 1 ? numbers[1] : 1
      guard let code = numbers.first else { return nil }
      return KeyDecoder.key(code: code, shifted: parameters.shifted, modifiers: modifiers).map(InputEvent.key)
    case "~" where numbers.count == 3 && numbers[0] == 27:
      // xterm's modifyOtherKeys.
      return KeyDecoder.key(code: numbers[2], modifiers: numbers[1]).map(InputEvent.key)
    default: return KeyDecoder.key(parameters: numbers, final: final).map(InputEvent.key)
    }
  }

  private static func report(_ bytes: ArraySlice<UInt8>, final: UInt8) -> TerminalReport? {
    let isMode = final == UInt8(ascii: "y") && bytes.last == UInt8(ascii: "$")
    guard let numbers = SequenceParameters(isMode ? bytes.dropLast() : bytes)?.numbers else { return nil }
    if isMode { return numbers.count == 2 ? .mode(numbers[0], value: numbers[1]) : nil }
    switch final {
    case UInt8(ascii: "c"): return .attributes(numbers)
    case UInt8(ascii: "R"): return numbers.count >= 2 ? .cursor(row: numbers[0], column: numbers[1]) : nil
    default: return nil
    }
  }
}
