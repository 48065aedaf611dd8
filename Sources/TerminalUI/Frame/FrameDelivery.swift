/// Brings frames to a terminal in pieces: what answers the person first, of the rest what has stood longest, and always
/// as the newest frame has it.
///
/// Where all of a difference may be sent, it is one piece.
package struct FrameDelivery: Sendable {
  /// The frame that the terminal is to show; nil before the first.
  package private(set) var target: Frame?
  // What has been handed out, cell by cell; nil where nothing is known of the screen.
  private var shown: Frame?
  // Why a cell is to change: 0 for what can wait, 1 for a screen that is new as a whole, more for what answers the
  // person, the newer the more.
  private var urgency: [Int] = []
  private var generation = 1
  // When each row was last handed out, in pieces.
  private var turns: [Int] = []
  private var turn = 0
  private var isCursorDue = false

  // More cells than these are not handed out at once where bytes count.
  private static let sliceWidth = 40
  // Stands in cells of which nothing is known: no widget draws it.
  private static let unknown = Cell("\u{FFFF}")

  /// A delivery of which nothing has been shown.
  package init() {}

  /// A part of a frame to send.
  package struct Piece: Hashable, Sendable {
    /// The stretches of rows, the most important first.
    package var runs: [Frame.Run] = []
    /// Whether the rest of the frame is then shown as well.
    package var isLast = false
  }

  /// Whether anything is to be sent.
  package private(set) var isDue = false
  /// Whether anything is to be sent that answers the person, or the screen is new.
  package private(set) var isAnswerDue = false

  /// Takes the frame to show.
  /// - Parameter isAnswer: whether what differs from the frame before answers what the person did.
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

  /// Forgets what the terminal shows: all of the frame is to be sent again.
  package mutating func forgetShown() {
    guard let target else { return }
    shown = nil
    aim(at: target, isAnswer: false)
  }

  /// Forgets the frame too.
  package mutating func reset() { self = FrameDelivery() }

  /// Hands out what is to be sent next.
  /// - Parameters:
  ///   - limit: the bytes that there are for all.
  ///   - answerLimit: the bytes that there are for what answers the person.
  ///   - cost: about how many bytes a stretch of a frame takes.
  /// - Returns: nil where nothing is due, or nothing may be sent.
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
      // What can wait does not ride on what cannot.
      if isAnswerDue, part.urgency == 0 { break }
      let price = cost(target, part.run)
      if !piece.runs.isEmpty, price > rest { break }
      piece.runs.append(part.run)
      rest -= price
      turns[part.run.y] = turn
      for x in part.run.columns {
        shown?[x, part.run.y] = target[x, part.run.y]
        urgency[part.run.y * target.width + x] = 0
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
    // Of equal ones the upper and the left one comes first.
    return parts.enumerated().sorted { first, second in
      let (a, b) = (first.element, second.element)
      return (-a.urgency, a.place, first.offset) < (-b.urgency, b.place, second.offset)
    }.map(\.element)
  }

  // What one looks at: what lies over the screen, where one types, the foot, the state at the top.
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
    func isTail(_ x: Int) -> Bool {
      frame[x, run.y].glyph == Cell.continuation || former[x, run.y].glyph == Cell.continuation
    }
    while start < run.columns.upperBound {
      var end = min(run.columns.upperBound, start + Self.sliceWidth)
      while end < run.columns.upperBound, isTail(end) { end += 1 }
      slices.append(Frame.Run(y: run.y, columns: start..<end))
      start = end
    }
    return slices
  }

  // Whether anything is due, and of what kind.
  private mutating func look() {
    guard let target, let shown else { return (isDue, isAnswerDue) = (false, false) }
    let runs = target.changes(since: shown)
    isDue = !runs.isEmpty || isCursorDue
    isAnswerDue =
      isCursorDue
      || runs.contains { run in run.columns.contains { urgency[run.y * target.width + $0] > 0 } }
  }
}
