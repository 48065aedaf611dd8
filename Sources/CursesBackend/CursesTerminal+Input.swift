import CNcurses
import CTerminalGuard
import Foundation
package import TerminalUI

extension CursesTerminal {
  /// Waits for something to happen at the terminal, without using the processor.
  ///
  /// A signal that asks the program to end, and a terminal that is gone, are `InputEvent.hangup`, once each.
  /// - Parameter timeout: how long to wait; 0 only looks, a negative one waits as long as it takes.
  /// - Returns: nil when the time is over, or `wake()` was called.
  package func nextEvent(timeoutMilliseconds timeout: Int) -> InputEvent? {
    let deadline = timeout < 0 ? nil : clock.now + .milliseconds(timeout)
    while true {
      while let event = pending.popFirst() {
        switch event {
        // The terminal sends Ctrl-Z as a key: as a signal it would also stop the program in the middle of a paste.
        case .key(.control("z")): suspend()
        case .report(let report): take(report)
        default:
          answersInput = true
          return event
        }
      }
      if drawsImages, !hasToldOfImages, pacer.window >= ImageDelivery.leastWindow {
        hasToldOfImages = true
        return .report(.drawsImages)
      }
      if updateSize() { return .resize(width: size.width, height: size.height) }
      deliver()
      let waits = [
        deadline.map { $0 - clock.now }, parser.deadline.map { .seconds($0 - now) }, deliveryDelay.map { .seconds($0) },
      ].compactMap { $0 }
      // Rounded up: a wait of 0 ms for the last half would be a busy loop.
      let milliseconds = waits.min().map { Int32(clamping: Int(max(.zero, $0) / .milliseconds(1) + 0.999)) } ?? -1
      let flags = signflip_guard_wait(milliseconds)
      func has(_ flag: Int) -> Bool { flags & UInt32(flag) != 0 }
      if has(SIGNFLIP_GUARD_INPUT) { readAvailable() }
      if has(SIGNFLIP_GUARD_STOP) { suspend() }
      if has(SIGNFLIP_GUARD_CONTINUE) { resume() }
      if has(SIGNFLIP_GUARD_GONE) {
        // Nothing will come any more: only signals and `wake` end a wait from now on.
        signflip_guard_forget_input()
        if !hasReportedEnd { return reportEnd() }
      }
      if has(SIGNFLIP_GUARD_END), !hasReportedEnd { return reportEnd() }
      if has(SIGNFLIP_GUARD_WAKE) { return nil }
      if flags & ~UInt32(SIGNFLIP_GUARD_END) == 0 {
        add(parser.idle(at: now))
        if pending.isEmpty, let deadline, clock.now >= deadline { return nil }
      }
    }
  }

  /// Takes in the terminal's answer to a question that was sent.
  func take(_ report: TerminalReport) {
    switch report {
    case .status: didReport()
    case .drawsImages: drawsImages = true
    case .cursor, .mode, .attributes: break
    }
  }

  private func reportEnd() -> InputEvent {
    hasReportedEnd = true
    return .hangup
  }

  /// Ends a wait in `nextEvent`, or the next one. May be called from any thread.
  package static func wake() { signflip_guard_wake() }

  /// Reads what has come; a file that is pasted as keys comes in many pieces, with frames between them.
  func readAvailable() {
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = bytes.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
    // Interrupted, or taken by someone else: poll tells again.
    guard count > 0 else { return }
    add(parser.feed(Array(bytes.prefix(count)), at: now))
  }

  /// Adds events; of a drag only the newest place matters.
  private func add(_ events: [InputEvent]) {
    for event in events {
      if case .mouse(let mouse) = event, mouse.kind == .drag, case .mouse(let last)? = pending.last,
        last.kind == .drag
      {
        pending.removeLast()
      }
      pending.append(event)
    }
  }

  /// What the terminal's bytes mean, by terminfo, the locale and the environment.
  static func makeParser(isUTF8: Bool, environment: [String: String]) -> InputParser {
    let keys = TerminalKeys { name in
      signflip_capability(name).map { Array(TerminalSequences.withoutPadding(String(cString: $0)).utf8) }
    }
    var characters: [UInt8: Unicode.Scalar] = [:]
    for byte in UInt8(0x80)...0xFF {
      characters[byte] = Unicode.Scalar(UInt32(bitPattern: signflip_character(Int32(byte))))
    }
    return InputParser(
      timing: InputTiming(environment: environment), keys: keys, highCharacters: isUTF8 ? nil : characters)
  }
}
