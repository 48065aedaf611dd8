/// Turns a terminal's bytes into events, and keeps what is unfinished between two reads.
///
/// A value without clock or terminal: times are passed in as seconds of any clock that does not go back. Whoever reads
/// calls `feed` with what was there, and `idle` whenever it looked and found nothing. So time that the reader itself was
/// away never splits a sequence.
///
/// Bytes that are not a key never act as one. After `ESC [`, `ESC O`, `ESC ]`, `ESC P`, `ESC _`, `ESC ^` and `ESC X`
/// nothing is a key until the sequence ends or nothing has come for a second. A paste lasts until its end mark.
package struct InputParser: Sendable {
  /// The number of the image in the question whether the terminal draws images by Kitty's protocol. Its answer has it.
  package static let imageQuestion = 31
  private static let imageAnswer = Array("Gi=\(imageQuestion);OK".utf8)

  /// How long it waits for the rest of what has begun.
  package let timing: InputTiming
  /// The sequences that terminfo has for the terminal's keys.
  private let keys: TerminalKeys
  /// What the bytes from 0x80 on mean where the terminal does not send UTF-8; nil where it does.
  private let highCharacters: [UInt8: Unicode.Scalar]?

  private enum Mode {
    case ground
    /// After ESC.
    case escape
    /// After `ESC` and a byte that only terminfo knows.
    case known
    /// After `ESC [`.
    case control
    /// After `ESC O`.
    case function
    /// After `ESC [ [`, as the Linux console's function keys begin.
    case linuxFunction
    /// After `ESC [ M`: three characters follow.
    case mouse
    /// After `ESC ]`, `ESC P`, `ESC _`, `ESC ^` or `ESC X`.
    case string
    /// Inside a character of several bytes.
    case character
    case paste
  }

  private var mode = Mode.ground
  // The bytes of the unfinished sequence or character.
  private var buffer: [UInt8] = []
  // When its newest byte came.
  private var since = 0.0
  // It has a byte that no key's sequence has.
  private var isSpoiled = false
  // Its newest byte is ESC.
  private var hasEscape = false
  // ESC alone has given Escape already.
  private var isLate = false
  // BEL ends the string, as it does an OSC.
  private var endsWithBell = false
  // The string may be an answer about images.
  private var keepsString = false
  // How many ESC wait for what follows them, and whether they waited long enough to be keys of their own.
  private var escapes = 0
  private var isSettled = false
  // When a lone ESC became a key, until something else came.
  private var escapeGiven: Double?
  // ESC came before the character: Alt.
  private var isAlternate = false
  private var paste = PasteBuffer()

  // What an answer of the terminal has come into the middle of: a key in pieces goes on behind it.
  private struct Interrupted {
    var mode: Mode
    var buffer: [UInt8]
    var isSpoiled, isLate, isSettled: Bool
    var escapes: Int
  }
  private var interrupted: Interrupted?

  /// A parser that has seen nothing yet.
  /// - Parameters:
  ///   - keys: the sequences that terminfo has.
  ///   - highCharacters: what the bytes from 0x80 on mean where the terminal does not send UTF-8; nil where it does.
  package init(
    timing: InputTiming = InputTiming(), keys: TerminalKeys = TerminalKeys(),
    highCharacters: [UInt8: Unicode.Scalar]? = nil
  ) {
    self.timing = timing
    self.keys = keys
    self.highCharacters = highCharacters
  }

  /// Takes in what was read.
  /// - Returns: what it means, in its order.
  package mutating func feed(_ bytes: [UInt8], at now: Double) -> [InputEvent] {
    var events: [InputEvent] = []
    if mode == .ground, isLateTail(bytes, at: now) {
      begin(bytes[0])
      isLate = true
      escapeGiven = nil
      feed(bytes[1...], &events)
    } else if mode == .paste, bytes == [0x03], now - since >= timing.abandoned {
      // Ctrl-C by itself, after silence: the way out of a paste whose end mark was lost.
      mode = .ground
    } else {
      feed(bytes[...], &events)
    }
    since = now
    return events
  }

  private mutating func feed(_ bytes: ArraySlice<UInt8>, _ events: inout [InputEvent]) {
    var place = bytes.startIndex
    while place < bytes.endIndex {
      if mode == .paste {
        let answers = paste.answers
        let text = paste.append(bytes, from: &place)
        events += Array(repeating: .report(.status(0)), count: paste.answers - answers)
        guard let text else { return }
        events.append(.paste(text))
        paste = PasteBuffer()
        mode = .ground
      } else {
        take(bytes[place], &events)
        place += 1
      }
    }
  }

  /// Takes in that nothing was there to read.
  /// - Returns: what that makes of what is unfinished: Escape, or nothing.
  package mutating func idle(at now: Double) -> [InputEvent] {
    guard let deadline, now >= deadline else { return [] }
    switch mode {
    case .ground, .paste: return []
    case .escape:
      if !isSettled {
        isSettled = true
        // The reader may have been away for both times.
        return idle(at: now)
      }
      mode = .ground
      escapeGiven = now
      return Array(repeating: .key(.escape), count: escapes)
    case .control where isRxvtKey:
      var events: [InputEvent] = []
      buffer.removeLast()
      finishControl(0x7E, &events)
      return events
    case .known, .control, .function, .linuxFunction, .mouse, .string, .character:
      mode = .ground
      return []
    }
  }

  /// When `idle` has something to do; nil where it has not.
  package var deadline: Double? {
    switch mode {
    case .ground, .paste: nil
    case .escape: since + timing.escape + (isSettled ? timing.lateTail : 0)
    case .control where isRxvtKey: since + timing.escape + timing.lateTail
    case .known, .control, .function, .linuxFunction, .mouse, .string, .character: since + timing.abandoned
    }
  }

  // MARK: Bytes

  private static let escapeByte: UInt8 = 0x1B

  private mutating func take(_ byte: UInt8, _ events: inout [InputEvent]) {
    switch mode {
    case .ground: takeGround(byte, &events)
    case .escape: takeAfterEscape(byte, &events)
    case .known:
      if byte == Self.escapeByte {
        interrupt()
        return beginEscape()
      }
      buffer.append(byte)
      finishKnown(&events)
    case .character: takeCharacter(byte, &events)
    case .mouse:
      if byte == Self.escapeByte {
        interrupt()
        return beginEscape()
      }
      buffer.append(byte)
      finishMouse(&events)
    case .control, .function, .linuxFunction, .string:
      if byte == Self.escapeByte {
        hasEscape = true
      } else if hasEscape {
        hasEscape = false
        takeEscaped(byte, &events)
      } else {
        takeInside(byte, &events)
      }
    case .paste: break
    }
    if mode == .ground { interrupted = nil }
  }

  private mutating func interrupt() {
    interrupted = Interrupted(
      mode: mode, buffer: buffer, isSpoiled: isSpoiled, isLate: isLate, isSettled: isSettled, escapes: escapes)
  }

  private mutating func takeUpInterrupted() {
    guard let interrupted else { return }
    (mode, buffer, escapes) = (interrupted.mode, interrupted.buffer, interrupted.escapes)
    (isSpoiled, isLate, isSettled) = (interrupted.isSpoiled, interrupted.isLate, interrupted.isSettled)
    hasEscape = false
    self.interrupted = nil
  }

  private mutating func takeGround(_ byte: UInt8, _ events: inout [InputEvent]) {
    escapeGiven = nil
    switch byte {
    case Self.escapeByte: beginEscape()
    case 0x80...:
      if let highCharacters {
        if let scalar = highCharacters[byte], let key = KeyDecoder.key(scalar: scalar) { events.append(.key(key)) }
      } else {
        beginCharacter(byte, isAlternate: false)
      }
    default:
      if let key = keys.key([byte]) ?? KeyDecoder.key(scalar: Unicode.Scalar(byte)) { events.append(.key(key)) }
    }
  }

  private mutating func beginEscape() {
    mode = .escape
    escapes = 1
    isSettled = false
  }

  private mutating func takeAfterEscape(_ byte: UInt8, _ events: inout [InputEvent]) {
    if Self.isIntroducer(byte) { return begin(byte) }
    if isSettled, byte != Self.escapeByte {
      mode = .ground
      for _ in 0..<escapes { events.append(.key(.escape)) }
      return takeGround(byte, &events)
    }
    if byte == Self.escapeByte {
      interrupt()
      // Nobody presses Escape so often within that time.
      escapes = min(escapes + 1, 8)
      isSettled = false
      return
    }
    // ESC and a character are the character with Alt, which means nothing here.
    for _ in 1..<escapes { events.append(.key(.escape)) }
    mode = .ground
    if byte >= 0x80, highCharacters == nil { return beginCharacter(byte, isAlternate: true) }
    buffer = [Self.escapeByte, byte]
    mode = .known
    finishKnown(&events)
  }

  private mutating func finishKnown(_ events: inout [InputEvent]) {
    if let key = keys.key(buffer) {
      events.append(.key(key))
    } else if keys.isBeginning(buffer) {
      return
    }
    mode = .ground
  }

  private static func isIntroducer(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "["), UInt8(ascii: "O"), UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"),
      UInt8(ascii: "^"), UInt8(ascii: "X"):
      true
    default: false
    }
  }

  private mutating func begin(_ introducer: UInt8) {
    buffer.removeAll(keepingCapacity: true)
    (isSpoiled, hasEscape, isLate) = (false, false, false)
    endsWithBell = introducer == UInt8(ascii: "]")
    keepsString = introducer == UInt8(ascii: "_")
    mode =
      switch introducer {
      case UInt8(ascii: "["): .control
      case UInt8(ascii: "O"): .function
      default: .string
      }
  }

  // A byte after ESC inside a sequence. Another sequence may begin there, when the end of the one before was lost; in a
  // string the only thing known to follow ESC is its end.
  private mutating func takeEscaped(_ byte: UInt8, _ events: inout [InputEvent]) {
    if mode == .string {
      guard byte == UInt8(ascii: "\\") else { return }
      mode = .ground
      guard keepsString, buffer == Self.imageAnswer else { return }
      events.append(.report(.drawsImages))
      takeUpInterrupted()
    } else if Self.isIntroducer(byte) {
      interrupt()
      begin(byte)
    } else {
      isSpoiled = true
      takeInside(byte, &events)
    }
  }

  private mutating func takeInside(_ byte: UInt8, _ events: inout [InputEvent]) {
    switch mode {
    case .string:
      if byte == 0x07, endsWithBell { mode = .ground }
      if keepsString, buffer.count < 64 { buffer.append(byte) }
    case .linuxFunction:
      mode = .ground
      if !isSpoiled, !isLate, case 0x41...0x45 = byte { events.append(.key(.function(Int(byte) - 0x40))) }
    case .function:
      if case 0x30...0x3B = byte, buffer.count < 16 {
        buffer.append(byte)
      } else {
        finishFunction(byte, &events)
      }
    default:
      switch byte {
      case 0x20...0x3F where buffer.count < 128: buffer.append(byte)
      case 0x40...0x7E: finishControl(byte, &events)
      default: isSpoiled = true
      }
    }
  }

  // MARK: Sequences

  private mutating func finishFunction(_ final: UInt8, _ events: inout [InputEvent]) {
    mode = .ground
    guard !isSpoiled, !isLate else { return }
    if let key = keys.key([Self.escapeByte, UInt8(ascii: "O")] + buffer + [final]) {
      events.append(.key(key))
    } else if let parameters = SequenceParameters(buffer[...]),
      let key = KeyDecoder.key(function: Unicode.Scalar(final), parameters: parameters)
    {
      events.append(.key(key))
    }
  }

  // `ESC [ 7 $`: rxvt's keys with Shift end with what is no end elsewhere.
  private var isRxvtKey: Bool {
    buffer.last == UInt8(ascii: "$") && !isSpoiled && !hasEscape && !isLate && buffer.count < 4
      && buffer.dropLast().allSatisfy { (0x30...0x39).contains($0) }
  }

  private mutating func finishControl(_ final: UInt8, _ events: inout [InputEvent]) {
    mode = .ground
    guard !isSpoiled else { return }
    if buffer.isEmpty, final == UInt8(ascii: "[") {
      mode = .linuxFunction
    } else if buffer.isEmpty, final == UInt8(ascii: "M") {
      mode = .mouse
    } else if final == UInt8(ascii: "~"), buffer.elementsEqual("200".utf8) {
      paste = PasteBuffer()
      mode = .paste
    } else if let event = ControlSequence.event(buffer, final: final, keys: keys) {
      if isLate, case .key = event { return }
      if isLate, case .mouse = event { return }
      events.append(event)
      if case .report = event { takeUpInterrupted() }
    }
  }

  private mutating func finishMouse(_ events: inout [InputEvent]) {
    guard let values = MouseDecoder.values(buffer) else { return }
    mode = .ground
    if !isLate, let event = MouseDecoder.event(x10: values) { events.append(.mouse(event)) }
  }

  // MARK: Characters

  private mutating func beginCharacter(_ byte: UInt8, isAlternate: Bool) {
    // A byte that can begin no character is dropped.
    guard case 0xC2...0xF4 = byte else { return }
    buffer = [byte]
    self.isAlternate = isAlternate
    mode = .character
  }

  private mutating func takeCharacter(_ byte: UInt8, _ events: inout [InputEvent]) {
    guard UTF8Character.canFollow(byte, buffer) else {
      // Broken: what stands there is dropped, and the byte begins anew.
      mode = .ground
      return takeGround(byte, &events)
    }
    buffer.append(byte)
    guard let scalar = UTF8Character.scalar(buffer) else { return }
    mode = .ground
    if !isAlternate, let key = KeyDecoder.key(scalar: scalar) { events.append(.key(key)) }
  }

  // MARK: Late tails

  // Whether the bytes, which came together soon after a lone ESC was taken for a key, are the rest of its sequence.
  private func isLateTail(_ bytes: [UInt8], at now: Double) -> Bool {
    guard let escapeGiven, now - escapeGiven < timing.abandoned, bytes.count > 1 else { return false }
    let next = bytes[1]
    switch bytes[0] {
    case UInt8(ascii: "["):
      // Function keys of the Linux console, the old mouse form, focus in and out.
      return (0x30...0x3F).contains(next) || [0x5B, 0x4D, 0x49, 0x4F].contains(next)
        || ControlSequence.event([], final: next, keys: keys) != nil
    case UInt8(ascii: "O"):
      return keys.key([Self.escapeByte] + bytes) != nil || (0x30...0x39).contains(next) && bytes.count > 2
        || KeyDecoder.key(function: Unicode.Scalar(next), parameters: SequenceParameters()) != nil
    case UInt8(ascii: "]"):
      return (0x30...0x39).contains(next) || bytes.contains(0x07) || bytes.contains(Self.escapeByte)
    case UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
      return bytes.contains(Self.escapeByte)
    default: return false
    }
  }
}
