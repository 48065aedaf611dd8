import Dashboard
import Foundation
import TerminalUI
import TrainingMetrics

/// Standard input and output as lines, without escape sequences.
final class StandardLines: LineTerminal {
  private let interrupts = InterruptFlag()
  private var pending: [UInt8] = []
  private var isOpen = true
  // Terminals that show only ASCII get only ASCII.
  private let isUnicode: Bool

  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let name = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C.UTF-8"
    isUnicode = name.lowercased().replacing("-", with: "").hasSuffix("utf8")
  }

  var isInterrupted: Bool { interrupts.takeNew() }

  func write(_ line: String) throws {
    var line = line.printableLine
    if !isUnicode {
      line = String(String.UnicodeScalarView(line.unicodeScalars.map { GlyphSet.ascii.drawn($0) }))
    }
    try StandardStream.output.write(line + "\n")
  }

  func nextLine(timeout: Double) -> String? {
    if let line = takeLine() { return line }
    guard isOpen else {
      Thread.sleep(forTimeInterval: timeout)
      return nil
    }
    var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, Int32(timeout * 1000)) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    // A closed input is no reason to end: the run is still told.
    if count <= 0 { isOpen = count < 0 && errno == EINTR } else { pending += buffer.prefix(count) }
    return takeLine()
  }

  private func takeLine() -> String? {
    // An endless line is no command.
    if pending.count > 65_536 { pending = [] }
    guard let end = pending.firstIndex(of: 0x0A) else { return nil }
    defer { pending.removeFirst(end + 1) }
    return String(decoding: pending[..<end], as: UTF8.self)
  }
}
