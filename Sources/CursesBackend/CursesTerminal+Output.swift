import CNcurses
import CTerminalGuard
import Glibc
package import TerminalUI

// What goes to the terminal: frames through ncurses, whose bytes are held, counted and sent as fast as the line takes
// them.

extension CursesTerminal {
  /// Shows a frame: sends what differs from what the terminal shows, nothing when nothing does.
  ///
  /// On a slow line it is sent in pieces, in `nextEvent`; a frame drawn meanwhile takes the place of the rest. The first
  /// frame after an event is taken for the answer to it.
  package func draw(_ frame: Frame) {
    guard screen != nil else { return }
    delivery.aim(at: frame, isAnswer: answersInput)
    if drawsImages { images.aim(at: frame.visibleImages) }
    answersInput = false
    deliver()
  }

  /// Shows the last frame anew, whatever other programs have written over it.
  package func redraw() {
    guard screen != nil else { return }
    signflip_erase()
    signflip_repaint()
    delivery.forgetShown()
    enqueue(images.clear())
    deliver()
  }

  /// Seconds since the screen was taken.
  var now: Double { (clock.now - start) / .seconds(1) }

  /// Sends as much as may be sent now.
  func deliver() {
    guard screen != nil, !isAway else { return }
    askForReport()
    if queue.isEmpty, pacer.takesProbe(now: now) {
      signflip_erase()
      signflip_repaint()
      delivery.forgetShown()
      enqueue(images.clear())
    }
    while flush(), delivery.isDue {
      let limit = pacer.allowance(for: .picture, now: now)
      let answerLimit = pacer.allowance(for: .answer, now: now)
      guard let piece = delivery.next(limit: limit, answerLimit: answerLimit, cost: cost) else { return }
      show(piece)
      askForReport()
    }
    deliverImages()
  }

  // Images come after the cells below them, and only on a line that is known to be fast enough.
  private func deliverImages() {
    guard drawsImages, images.isDue, queue.isEmpty, !delivery.isDue else { return }
    let isKnown = pacer.terminal == .answering
    let bytes = images.next(limit: isKnown ? pacer.allowance(for: .picture, now: now) : 0, now: now)
    if images.isDue, isKnown { pacer.wantsRoom() }
    guard !bytes.isEmpty else { return }
    enqueue(bytes)
    askForReport()
    flush()
  }

  /// How many seconds from now `deliver` can do more, if nothing comes from the terminal; nil when nothing is left.
  var deliveryDelay: Double? {
    if !queue.isEmpty { return 0.02 }
    guard delivery.isDue else {
      // Answers of the terminal make room sooner.
      return drawsImages && images.isDue && pacer.terminal == .answering ? ImageDelivery.patience / 2 : nil
    }
    return pacer.delay(for: delivery.isAnswerDue ? .answer : .picture, now: now) ?? 0
  }

  /// Takes in that the terminal has answered a status report.
  func didReport() {
    pacer.didAnswer(now: now)
    deliver()
  }

  /// Waits for the answers that are on their way: the shell would take them for keys.
  func awaitReports() {
    let end = now + (pacer.terminal == .answering ? 1 : OutputPacer.firstPatience)
    while pacer.answersDue > 0, pacer.terminal != .silent, now < end {
      let flags = signflip_guard_wait(Int32(max(1, (end - now) * 1000)))
      if flags & UInt32(SIGNFLIP_GUARD_GONE) != 0 { return }
      // A signal that asks for the end is no input: to read then would wait for ever.
      guard flags & UInt32(SIGNFLIP_GUARD_INPUT) != 0 else {
        if flags != 0 { usleep(5000) }
        continue
      }
      readAvailable()
      // Keys stay for when the screen comes back.
      for case .report(let report) in pending { take(report) }
      pending.removeAll { if case .report = $0 { true } else { false } }
    }
  }

  /// Asks for a status report where that is worth its bytes.
  func askForReport() {
    if screen != nil, pacer.wantsRequest(now: now) { ask() }
  }

  /// Asks for a status report.
  func ask() {
    enqueue(Array(TerminalSequences.statusReport.utf8))
    pacer.didAsk(now: now)
  }

  /// Sends a sequence past ncurses, behind what is on its way.
  func send(_ sequence: String) {
    enqueue(Array(sequence.utf8))
    flush()
  }

  /// Sends what ncurses believes to be set: it is about to write past the filter.
  func settleStyle() { enqueue(filter.settled()) }

  /// Puts bytes behind what is on its way.
  func enqueue(_ bytes: [UInt8]) {
    queue += bytes
    pacer.didWrite(bytes.count, now: now)
  }

  /// Writes what is to be sent.
  /// - Parameter waits: whether to wait until the terminal takes it.
  /// - Returns: whether all of it is written.
  @discardableResult
  func flush(waits: Bool = false) -> Bool {
    var sent = 0
    defer { queue.removeFirst(sent) }
    while sent < queue.count {
      // A reader that is only busy is worth a moment.
      guard waits || isWritable(within: 10) else {
        pacer.didBlock(now: now)
        return false
      }
      let count = queue[sent...].prefix(512).withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN, !waits { return false }
      // The terminal is gone: nobody waits for the rest.
      if count <= 0 { sent = queue.count } else { sent += count }
      pacer.didSend(max(0, count), now: now)
    }
    return true
  }

  private func isWritable(within milliseconds: Int32) -> Bool {
    var terminal = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
    return poll(&terminal, 1, milliseconds) > 0
  }

  private func show(_ piece: FrameDelivery.Piece) {
    guard let frame = delivery.target else { return }
    for run in piece.runs where run.y < known.height {
      for x in run.columns where x < known.width { put(frame[x, run.y], x: x, y: run.y) }
    }
    let cursor = frame.cursor.flatMap { $0.x >= 0 && $0.x < known.width && $0.y >= 0 && $0.y < known.height ? $0 : nil }
    // What a few cells need leaves in one piece, and most frames are such.
    let isLarge = piece.runs.reduce(0) { $0 + $1.columns.count } > min(256, known.width * known.height / 20)
    if hasPrivateModes && isLarge { enqueue(Array(TerminalSequences.updateBegins.utf8)) }
    let isHeld = signflip_output_hold() != 0
    if isCursorVisible != (cursor != nil) {
      isCursorVisible = cursor != nil
      curs_set(isCursorVisible ? 1 : 0)
    }
    signflip_update(Int32(cursor?.y ?? 0), Int32(cursor?.x ?? 0))
    if isHeld {
      var bytes = [CChar](repeating: 0, count: Int(signflip_output_release()))
      let count = Int(signflip_output_read(&bytes, bytes.count))
      enqueue(filter.filter(bytes.prefix(count).map { UInt8(bitPattern: $0) }, keepsCursor: isCursorVisible))
    } else {
      // Already written: only its size is not known.
      pacer.didWrite(piece.runs.reduce(0) { $0 + cost(frame, $1) }, now: now)
    }
    if hasPrivateModes && isLarge { enqueue(Array(TerminalSequences.updateEnds.utf8)) }
  }

  // About what ncurses needs for a stretch of cells, rather too much than too little.
  private func cost(_ frame: Frame, _ run: Frame.Run) -> Int {
    let change =
      switch colors.depth {
      case .none: 6
      case .ansi: 10
      case .indexed: 18
      case .direct: 34
      }
    var result = 8
    var style: Style?
    for x in run.columns {
      let cell = frame[x, run.y]
      if cell.glyph == Cell.continuation { continue }
      result += cell.glyph.isASCII ? 1 : cell.glyph.value < 0x800 ? 2 : 3
      if cell.style != style { result += change }
      style = cell.style
    }
    return result
  }

  private func put(_ cell: Cell, x: Int, y: Int) {
    guard cell.glyph != Cell.continuation else { return }
    var glyph = cell.glyph
    if !glyph.isASCII || glyph.value < 0x20 || glyph.value == 0x7F {
      glyph = capabilities.isUTF8 ? glyph : GlyphSet.asciiFallback(for: glyph)
      // What the C library takes for another width would shift the rest of the line.
      if Int(signflip_columns(glyph.value)) != displayWidth(glyph) { glyph = "?" }
    }
    let drawn = colors.drawn(cell.style)
    signflip_put(Int32(y), Int32(x), glyph.value, drawn.attributes, drawn.pair)
    if displayWidth(cell.glyph) == 2, displayWidth(glyph) == 1 {
      signflip_put(Int32(y), Int32(x + 1), 0x20, drawn.attributes, drawn.pair)
    }
  }
}
