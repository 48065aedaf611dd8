import CNcurses
import CTerminalGuard
package import TerminalUI

extension CursesTerminal {
  /// Waits for something to happen at the terminal, without using the processor.
  ///
  /// A signal that asks the program to end, and a terminal that is gone, are `InputEvent.hangup`, once each.
  /// - Parameter timeout: how long to wait; 0 only looks, a negative one waits as long as it takes.
  /// - Returns: nil when the time is over, or `wake()` was called.
  package func nextEvent(timeoutMilliseconds timeout: Int) -> InputEvent? {
    let clock = ContinuousClock()
    let deadline = timeout < 0 ? nil : clock.now + .milliseconds(timeout)
    while true {
      if updateSize() { pending.append(.resize(width: size.width, height: size.height)) }
      // ncurses may hold keys that came with the last one read: poll would not know of them.
      readAvailable()
      if !pending.isEmpty { return pending.removeFirst() }
      let rest = deadline.map { max(.zero, $0 - clock.now) }
      // Rounded up: a wait of 0 ms for the last half would be a busy loop.
      let milliseconds = rest.map { Int32(clamping: Int($0 / .milliseconds(1) + 0.999)) } ?? -1
      let flags = signflip_guard_wait(milliseconds)
      func has(_ flag: Int) -> Bool { flags & UInt32(flag) != 0 }
      if has(SIGNFLIP_GUARD_STOP) { suspend() }
      if has(SIGNFLIP_GUARD_CONTINUE) { resume() }
      if has(SIGNFLIP_GUARD_GONE) {
        // Nothing will come any more: only signals and `wake` end a wait from now on.
        signflip_guard_forget_input()
        if !hasReportedEnd { return reportEnd() }
      }
      if has(SIGNFLIP_GUARD_END), !hasReportedEnd { return reportEnd() }
      if has(SIGNFLIP_GUARD_WAKE) { return nil }
      if flags & ~UInt32(SIGNFLIP_GUARD_END) == 0, let deadline, clock.now >= deadline {
        return nil
      }
    }
  }

  private func reportEnd() -> InputEvent {
    hasReportedEnd = true
    return .hangup
  }

  /// Ends a wait in `nextEvent`, or the next one. May be called from any thread.
  package static func wake() { signflip_guard_wake() }

  /// Keeps the terminal's signals away from this thread, and gives it a stack on which even its own overflow can put
  /// the terminal back. For threads that compute or wait in system calls.
  package static func shieldThread() { signflip_guard_shield_thread() }

  /// Makes mouse sequences come as they are, so that one decoder reads them on every terminal.
  func setUpKeys() {
    define_key("\u{1B}[<", 0)
    define_key("\u{1B}[M", 0)
  }

  /// Reads all that has come, up to a limit that keeps the screen alive when a whole file is pasted as keys.
  private func readAvailable() {
    var reads = 0
    while reads < 512, let input = read() {
      reads += 1
      switch input {
      case .code(let code):
        if let key = KeyDecoder.key(code: code) { pending.append(.key(key)) }
      case .scalar("\u{1B}"): readEscape()
      case .scalar(let scalar):
        if let key = KeyDecoder.key(scalar: scalar) { pending.append(.key(key)) }
      }
    }
  }

  private enum Input {
    case code(Int32)
    case scalar(Unicode.Scalar)
  }

  private func read() -> Input? {
    var isCode: Int32 = 0
    let value = signflip_read(&isCode)
    guard value >= 0 else { return nil }
    return isCode != 0 ? .code(value) : .scalar(Unicode.Scalar(UInt32(value)) ?? "\u{FFFD}")
  }

  /// Reads what follows an escape that begins no key known to terminfo.
  private func readEscape() {
    // Slow lines deliver a sequence in pieces.
    signflip_wait_for_keys(25)
    defer { signflip_wait_for_keys(0) }
    guard let next = readWithoutDelay() else {
      pending.append(.key(.escape))
      return
    }
    switch next {
    case .scalar("["): readControlSequence()
    case .scalar("O"):
      if case .scalar(let final)? = read(), let key = KeyDecoder.key(parameters: [], final: final) {
        pending.append(.key(key))
      }
    case .scalar(let scalar):
      // Alt with a letter, or the two typed in haste.
      pending.append(.key(.escape))
      if let key = KeyDecoder.key(scalar: scalar) { pending.append(.key(key)) }
    case .code(let code):
      pending.append(.key(.escape))
      if let key = KeyDecoder.key(code: code) { pending.append(.key(key)) }
    }
  }

  /// ncurses has already waited for the rest of a sequence: what is not there now was not typed together.
  private func readWithoutDelay() -> Input? {
    signflip_wait_for_keys(0)
    defer { signflip_wait_for_keys(25) }
    return read()
  }

  private func readControlSequence() {
    var text = ""
    while text.unicodeScalars.count < 64, case .scalar(let scalar)? = read() {
      if (0x40...0x7E).contains(scalar.value) {
        finishControlSequence(text, scalar)
        return
      }
      text.unicodeScalars.append(scalar)
    }
  }

  private func finishControlSequence(_ text: String, _ final: Unicode.Scalar) {
    if text.hasPrefix("<"), final == "M" || final == "m" {
      if let event = MouseDecoder.event(sgr: text.dropFirst(), isRelease: final == "m") { add(event) }
    } else if text.isEmpty, final == "M" {
      var bytes: [UInt32] = []
      while bytes.count < 3, case .scalar(let scalar)? = read() { bytes.append(scalar.value) }
      if let event = MouseDecoder.event(x10: bytes) { add(event) }
    } else if text == "200", final == "~" {
      pending.append(.paste(readPaste()))
    } else {
      let parameters = text.split(separator: ";").map { Int($0) ?? 0 }
      if let key = KeyDecoder.key(parameters: parameters, final: final) { pending.append(.key(key)) }
    }
  }

  /// Adds a mouse event; of a drag only the newest place matters.
  private func add(_ event: MouseEvent) {
    if event.kind == .drag, case .mouse(let last)? = pending.last, last.kind == .drag { pending.removeLast() }
    pending.append(.mouse(event))
  }

  /// Reads pasted text up to its end mark, or as long as it keeps coming.
  private func readPaste() -> String {
    signflip_wait_for_keys(250)
    var text = String.UnicodeScalarView()
    let end = Array("\u{1B}[201~".unicodeScalars)
    while text.count < 1_000_000, let input = read() {
      guard case .scalar(let scalar) = input else { continue }
      text.append(scalar == "\r" ? "\n" : scalar)
      if scalar == "~", text.suffix(end.count).elementsEqual(end) {
        text.removeLast(end.count)
        break
      }
    }
    return String(text)
  }
}
