import CNcurses
import CTerminalGuard
import Foundation
import TerminalUI

/// The terminal: shows frames, reads keys and the mouse, and puts everything back at the end.
///
/// All calls come from one thread, except `wake()`. Signals may arrive in any thread: their handler only makes a note,
/// which `nextEvent` finds.
package final class CursesTerminal {
  /// What the terminal can show.
  package let capabilities: TerminalCapabilities
  private(set) var options: TerminalOptions

  private(set) var screen: OpaquePointer?
  var colors: ColorTable
  let hasPrivateModes: Bool
  // tmux takes the question about images for a window's title, and GNU screen hands on no answer.
  private let isMultiplexed: Bool
  private let restoreBytes: [CChar]
  private(set) var known: (width: Int, height: Int)

  /// What is to be shown, and how fast.
  var delivery = FrameDelivery()
  var images = ImageDelivery()
  /// Whether the terminal has said that it draws images.
  var drawsImages = false
  /// Whether whoever draws has been told.
  var hasToldOfImages = false
  var pacer: OutputPacer
  var filter: OutputFilter
  /// What is to be sent before anything else.
  var queue: [UInt8] = []
  var isCursorVisible = false
  /// Whether the terminal is given back for a while.
  private(set) var isAway = false
  /// Whether the next frame answers what the person did.
  var answersInput = false
  let clock = ContinuousClock()

  /// What was read and not yet handed out.
  var pending: ArraySlice<InputEvent> = []
  /// What the bytes mean that were read.
  var parser: InputParser
  let start = ContinuousClock.now
  var hasReportedEnd = false

  /// Takes over the terminal of standard input and output.
  /// - Throws: `TerminalError` before the screen has changed.
  package init(options: TerminalOptions = TerminalOptions()) throws(TerminalError) {
    self.options = options
    try CursesTerminal.check()
    let environment = ProcessInfo.processInfo.environment
    let name = environment["TERM"] ?? ""
    let isUTF8 = TerminalLocale.establish()
    let isMonochrome = options.usesColor.map { !$0 } ?? !(environment["NO_COLOR"] ?? "").isEmpty

    let status = signflip_guard_install(0, 1)
    guard status == 0 else {
      throw TerminalError(.failed, "signal handlers cannot be installed: \(String(cString: strerror(status)))")
    }
    let isDirect =
      !isMonochrome && options.usesDirectColor
      && ["truecolor", "24bit"].contains(environment["COLORTERM"]?.lowercased() ?? "")
    let output = signflip_output_open(1)
    guard let screen = CursesTerminal.open(name, isDirect: isDirect, output) else {
      signflip_guard_uninstall()
      throw TerminalError(.failed, "ncurses cannot use the terminal “\(name)”")
    }
    self.screen = screen
    parser = CursesTerminal.makeParser(isUTF8: isUTF8, environment: environment)
    let depth = CursesTerminal.startColor(isMonochrome: isMonochrome)
    colors = ColorTable(depth: depth, pairLimit: min(Int(signflip_pairs()), 65_536))
    // A terminal with an alternate screen in this form knows, or ignores, other private modes too.
    hasPrivateModes = signflip_capability("smcup").map { String(cString: $0).contains("\u{1B}[?") } ?? false
    isMultiplexed =
      ["TMUX", "STY"].contains { !(environment[$0] ?? "").isEmpty } || name.hasPrefix("screen")
      || name.hasPrefix("tmux")
    restoreBytes = Array(TerminalSequences.restore(hasModes: hasPrivateModes).utf8CString.dropLast())
    capabilities = TerminalCapabilities(
      colorCount: isMonochrome ? 0 : depth == .direct ? 0x100_0000 : max(0, Int(signflip_colors())),
      isMonochrome: isMonochrome, isUTF8: isUTF8, hasMouse: options.usesMouse && hasPrivateModes, terminalName: name,
      hasClipboard: hasPrivateModes && (!name.hasPrefix("screen") || environment["TMUX"] != nil))
    // Others would show the question as text.
    let isANSI = signflip_capability("cup").map { String(cString: $0).hasPrefix("\u{1B}[") } ?? false
    pacer = OutputPacer(canAsk: isANSI)
    filter = OutputFilter(
      isANSI: isANSI, moves: CursorMoves { signflip_capability($0).map { String(cString: $0) } })
    known = (0, 0)
    enter()
    known = CursesTerminal.measure()
    filter.size = known
  }

  /// Looks whether the terminal can be taken over, without sending anything to it.
  /// - Throws: `TerminalError` with what it lacks.
  package static func check() throws(TerminalError) {
    guard isatty(0) != 0, isatty(1) != 0 else {
      let which = isatty(0) == 0 ? "standard input" : "standard output"
      throw TerminalError(.notATerminal, "\(which) is not a terminal: the live screen needs one")
    }
    let name = ProcessInfo.processInfo.environment["TERM"] ?? ""
    guard !name.isEmpty else {
      throw TerminalError(.unknownTerminal, "TERM is not set: it should name the terminal, such as xterm-256color")
    }
    var status: Int32 = 0
    guard setupterm(name, 1, &status) == OK else {
      let reason = status == 0 ? "terminfo has no entry “\(name)”" : "terminfo's database was not found"
      throw TerminalError(
        .unknownTerminal, "unknown terminal: \(reason); TERM=xterm-256color suits most terminals")
    }
    guard signflip_capability("cup") != nil else {
      throw TerminalError(
        .noCursorAddressing,
        "the terminal “\(name)” cannot move its cursor: the live screen needs one that can, such as xterm-256color")
    }
  }

  /// Starts ncurses, with exact colours where the terminal is said to have them.
  private static func open(_ name: String, isDirect: Bool, _ output: Int32) -> OpaquePointer? {
    if isDirect, let entry = CompiledTerminfo.load(name), entry.colorCount == 256 {
      let former = ProcessInfo.processInfo.environment["TERMINFO"]
      setenv("TERMINFO", entry.withDirectColor().environmentValue, 1)
      defer {
        if let former { setenv("TERMINFO", former, 1) } else { unsetenv("TERMINFO") }
      }
      if let screen = signflip_open(name, output) { return screen }
    }
    return signflip_open(name, output)
  }

  private static func startColor(isMonochrome: Bool) -> ColorTable.Depth {
    guard !isMonochrome, has_colors(), start_color() == OK else { return .none }
    use_default_colors()
    switch signflip_colors() {
    case 0x100_0000...: return .direct
    case 256...: return .indexed
    case 16...: return .ansi(16)
    case 8...: return .ansi(8)
    default: return .none
    }
  }

  deinit { close() }

  /// Sets the modes that the screen needs, and sees to it that a crash undoes them.
  private func enter() {
    signflip_set_up()
    if options.keepsErrors { signflip_guard_keep_errors() }
    restoreBytes.withUnsafeBufferPointer { signflip_guard_arm($0.baseAddress, $0.count) }
    if hasPrivateModes {
      send(TerminalSequences.pasteOn + (options.usesMouse ? TerminalSequences.mouseOn : ""))
    }
    curs_set(0)
    isCursorVisible = false
    isAway = false
    if options.usesImages, hasPrivateModes, !isMultiplexed { enqueue(Array(ImageDelivery.question.utf8)) }
    askForReport()
    flush()
  }

  /// Gives the terminal back for a while.
  private func leave() {
    if hasPrivateModes {
      send((options.usesMouse ? TerminalSequences.mouseOff : "") + TerminalSequences.pasteOff)
    }
    isAway = true
    enqueue(images.clear())
    settleStyle()
    flush(waits: true)
    curs_set(1)
    // The modes stay as they are: see `signflip_set_up`.
    endwin()
    // With the terminal's own modes a Ctrl-C or Ctrl-\ makes the kernel drop what the terminal has not read. By then it must
    // have read the way back to the main screen.
    if pacer.terminal == .answering { ask() }
    flush(waits: true)
    awaitReports()
    signflip_guard_disarm()
    signflip_guard_restore_modes()
  }

  /// Gives the terminal back for good. A second call does nothing.
  package func close() {
    guard let screen else { return }
    self.screen = nil
    leave()
    pending = []
    signflip_guard_release_errors()
    signflip_guard_uninstall()
    delscreen(screen)
  }

  /// Stops the program, as Ctrl-Z does; returns when it is continued, with the screen drawn anew.
  package func suspend() {
    leave()
    signflip_guard_stop()
    resume()
  }

  /// Takes the screen again after the program was stopped.
  func resume() {
    signflip_restore_modes()
    pacer.forget()
    filter.forget()
    enter()
    redraw()
  }

  /// Columns and rows.
  package var size: (width: Int, height: Int) { known }

  /// Looks up the size; when it has changed, ncurses is told, and the next frame is drawn whole.
  /// - Returns: whether it has changed.
  func updateSize() -> Bool {
    let present = CursesTerminal.measure()
    guard present != known else { return false }
    known = present
    filter.size = present
    resizeterm(Int32(present.height), Int32(present.width))
    signflip_erase()
    signflip_repaint()
    delivery.reset()
    enqueue(images.clear())
    return true
  }

  private static func measure() -> (width: Int, height: Int) {
    var size = winsize()
    if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
      return (Int(size.ws_col), Int(size.ws_row))
    }
    return (Int(signflip_width()), Int(signflip_height()))
  }

  /// Takes the mouse, or leaves it to the terminal, which then selects text as usual.
  package func setMouse(_ isTaken: Bool) {
    guard isTaken != options.usesMouse else { return }
    options.usesMouse = isTaken
    if hasPrivateModes { send(isTaken ? TerminalSequences.mouseOn : TerminalSequences.mouseOff) }
  }

  /// Puts text on the clipboard of the person's own machine, by OSC 52: it works through ssh, where the terminal allows.
  /// - Returns: whether the text was sent; terminals take no more than about 70 kB.
  package func copy(_ text: String) -> Bool {
    let encoded = Data(text.utf8).base64EncodedString()
    guard capabilities.hasClipboard, encoded.utf8.count < 74_000 else { return false }
    send("\u{1B}]52;c;\(encoded)\u{07}")
    return true
  }
}
