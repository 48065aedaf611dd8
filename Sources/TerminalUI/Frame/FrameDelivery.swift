/// Sends frames to a terminal in pieces: first responses to the user, then the rows that have waited longest, always
/// with the contents of the newest frame.
///
/// If the whole difference may be sent, it is one piece.
package struct FrameDelivery: Sendable {
  /// The frame to show; nil before the first.
  package private(set) var target: Frame?
  // The cells sent so far; nil if the contents of the screen are unknown.
  private var shown: Frame?
  // The urgency of each cell's change: 0 if it can wait, 1 for a completely new screen, more for responses to the user,
  // newer
  // ones being more urgent.
  private var urgency: [Int] = []
  private var generation = 1
  // When each row was last sent, counted in pieces.
  private var turns: [Int] = []
  private var turn = 0
  private var isCursorDue = false

  // If the number of bytes matters, at most this many cells are sent at once.
  private static let sliceWidth = 40
  // Runs are not cut to fewer cells than this.
  private static let smallestSlice = 8
  // Marks cells with unknown contents: no widget draws it.
  private static let unknown = Cell("\u{FFFF}")

  /// A delivery that has not shown anything.
  package init() {}

  /// Part of a frame to send.
  package struct Piece: Hashable, Sendable {
    /// The runs of cells, the most important first.
    package var runs: [Frame.Run] = []
    /// Whether this piece completes the frame.
    package var isLast = false
  }

  /// Whether anything is to be sent.
  package private(set) var isDue = false
  /// Whether a response to the user, or a new screen, is to be sent.
  package private(set) var isAnswerDue = false

  /// Sets the frame to show.
  /// - Parameter isAnswer: whether the difference from the previous frame is a response to the user.
  package mutating func aim(at frame: Frame, isAnswer: Bool) {
    let former = target
    target = frame
    guard let shown, shown.width == frame.width, shown.height == frame.height, let former else {
      self.shown = Frame(width: frame.width, height: frame.height, filledWith: Self.unknown)
      urgency = Array(repeating: 1, count: frame.width * frame.height)
      turns = Array(repeating: 0, count: frame.height)
      isCursorDue = true
      return look()
    }
    if isAnswer {
      generation += 1
      for run in frame.changes(since: former) {
        for x in run.columns { urgency[run.y * frame.width + x] = generation }
      }
    }
    if frame.cursor != former.cursor { isCursorDue = true }
    look()
  }

  /// Forgets the contents of the terminal: the whole frame is to be sent again.
  package mutating func forgetShown() {
    guard let target else { return }
    shown = nil
    aim(at: target, isAnswer: false)
  }

  /// Forgets the frame too.
  package mutating func reset() { self = FrameDelivery() }

  /// Returns what to send next.
  /// - Parameters:
  /// -   - limit: the bytes available for anything.
  /// -   - answerLimit: the bytes available for responses to the user.
  /// -   - cost: the approximate number of bytes of a run.
  /// - Returns: nil if nothing is to be sent, or nothing may be sent.
  package mutating func next(limit: Int, answerLimit: Int, cost: (Frame, Frame.Run) -> Int) -> Piece? {
    guard isDue, let target, let former = shown else { return nil }
    let runs = target.changes(since: former)
    turn += 1
    var total = 0
    for run in runs where total <= limit { total += cost(target, run) }
    if total <= limit, limit > 0 {
      for run in runs { turns[run.y] = turn }
      shown = target
      for run in runs { for x in run.columns { urgency[run.y * target.width + x] = 0 } }
      (isDue, isAnswerDue, isCursorDue) = (false, false, false)
      return Piece(runs: runs, isLast: true)
    }
    var rest = isAnswerDue ? answerLimit : limit
    guard rest > 0 else { return nil }
    var piece = Piece()
    for part in ranked(runs, of: target, since: former) {
      // Changes that can wait are not sent along with urgent ones.
      if isAnswerDue, part.urgency == 0 { break }
      // Something is sent in any case, so that it goes on.
      let run = piece.runs.isEmpty ? cut(part.run, target, former) { cost(target, $0) <= rest } : part.run
      let price = cost(target, run)
      if !piece.runs.isEmpty, price > rest { break }
      piece.runs.append(run)
      rest -= price
      turns[run.y] = turn
      for x in run.columns {
        shown?[x, run.y] = target[x, run.y]
        urgency[run.y * target.width + x] = 0
      }
      if rest <= 0 { break }
    }
    isCursorDue = false
    look()
    piece.isLast = !isDue
    return piece
  }

  private struct Part {
    var run: Frame.Run
    var urgency: Int
    var place: Int
  }

  // In slices, the most urgent first.
  private func ranked(_ runs: [Frame.Run], of frame: Frame, since former: Frame) -> [Part] {
    var parts: [Part] = []
    for run in runs {
      for slice in sliced(run, frame, former) {
        let row = run.y * frame.width
        let most = slice.columns.reduce(0) { max($0, urgency[row + $1]) }
        parts.append(Part(run: slice, urgency: most, place: most > 0 ? place(slice, in: frame) : turns[run.y]))
      }
    }
    // Ties are ordered from top to bottom and left to right.
    return parts.enumerated().sorted { first, second in
      let (a, b) = (first.element, second.element)
      return (-a.urgency, a.place, first.offset) < (-b.urgency, b.place, second.offset)
    }.map(\.element)
  }

  // The order of attention: overlays, text entry, the bottom line, the state at the top.
  private func place(_ run: Frame.Run, in frame: Frame) -> Int {
    if let focus = frame.focus, focus.y <= run.y, run.y < focus.maxY, run.columns.overlaps(focus.x..<focus.maxX) {
      return 0
    }
    if run.y == frame.cursor?.y { return 1 }
    if run.y == frame.height - 1 { return 2 }
    return run.y == 0 ? 3 : 4
  }

  private func sliced(_ run: Frame.Run, _ frame: Frame, _ former: Frame) -> [Frame.Run] {
    var slices: [Frame.Run] = []
    var start = run.columns.lowerBound
    while start < run.columns.upperBound {
      let rest = Frame.Run(y: run.y, columns: start..<run.columns.upperBound)
      let end = boundary(in: rest, near: Self.sliceWidth, frame, former)
      slices.append(Frame.Run(y: run.y, columns: start..<end))
      start = end
    }
    return slices
  }

  // Shortens a run until it fits, but not to a few cells, and not to unchanged ones.
  private func cut(_ run: Frame.Run, _ frame: Frame, _ former: Frame, fits: (Frame.Run) -> Bool) -> Frame.Run {
    guard let change = run.columns.first(where: { frame[$0, run.y] != former[$0, run.y] }) else { return run }
    let least = max(Self.smallestSlice, change + 1 - run.columns.lowerBound)
    var result = run
    while result.columns.count > least, !fits(result) {
      let end = boundary(in: result, near: max(least, result.columns.count / 2), frame, former)
      if end == result.columns.upperBound { break }
      result.columns = result.columns.lowerBound..<end
    }
    return result
  }

  // Where a run may be cut after about `count` columns: not within a wide glyph.
  private func boundary(in run: Frame.Run, near count: Int, _ frame: Frame, _ former: Frame) -> Int {
    func isTail(_ x: Int) -> Bool {
      frame[x, run.y].glyph == Cell.continuation || former[x, run.y].glyph == Cell.continuation
    }
    var end = min(run.columns.upperBound, run.columns.lowerBound + count)
    while end < run.columns.upperBound, isTail(end) { end += 1 }
    return end
  }

  // Determines whether anything is to be sent, and of which kind.
  private mutating func look() {
    guard let target, let shown else { return (isDue, isAnswerDue) = (false, false) }
    let runs = target.changes(since: shown)
    isDue = !runs.isEmpty || isCursorDue
    isAnswerDue =
      isCursorDue
      || runs.contains { run in run.columns.contains { urgency[run.y * target.width + $0] > 0 } }
  }
}
