import TerminalUI
import Testing

@Suite("Frames in pieces")
struct FrameDeliveryTests {
  private func frame(_ rows: [String]) -> Frame {
    var frame = Frame(width: rows[0].count, height: rows.count)
    for (y, row) in rows.enumerated() { frame.text(row, x: 0, y: y, style: Style()) }
    return frame
  }

  private func cells(_ frame: Frame, _ run: Frame.Run) -> Int { run.columns.count }

  /// The next part, which must exist.
  private func take(_ delivery: inout FrameDelivery, limit: Int, answerLimit: Int) throws -> FrameDelivery.Piece {
    let piece = delivery.next(limit: limit, answerLimit: answerLimit, cost: cells)
    return try #require(piece)
  }

  /// The contents of a terminal that gets the parts.
  private func apply(_ piece: FrameDelivery.Piece, of frame: Frame?, to screen: inout Frame) {
    guard let frame else { return }
    if screen.width != frame.width || screen.height != frame.height {
      screen = Frame(width: frame.width, height: frame.height, filledWith: Cell("?"))
    }
    for run in piece.runs { for x in run.columns { screen[x, run.y] = frame[x, run.y] } }
  }

  @Test("What may be sent is sent as one piece")
  func whole() throws {
    var delivery = FrameDelivery()
    var screen = Frame(width: 0, height: 0)
    delivery.aim(at: frame(["abc", "def"]), isAnswer: false)
    let first = try take(&delivery, limit: 1000, answerLimit: 1000)
    #expect(first.isLast && !delivery.isDue)
    apply(first, of: delivery.target, to: &screen)
    #expect(screen == frame(["abc", "def"]))
    delivery.aim(at: frame(["abc", "dxf"]), isAnswer: false)
    let second = try take(&delivery, limit: 1000, answerLimit: 1000)
    #expect(second.runs == [Frame.Run(y: 1, columns: 1..<2)])
    let third = delivery.next(limit: 1000, answerLimit: 1000, cost: cells)
    #expect(third == nil)
    delivery.aim(at: frame(["abc", "dxf"]), isAnswer: false)
    #expect(!delivery.isDue)
  }

  @Test("In pieces of any size the screen comes to show the newest frame", arguments: [1, 7, 30, 64, 1000])
  func pieces(limit: Int) throws {
    var delivery = FrameDelivery()
    var screen = Frame(width: 0, height: 0)
    var random = SystemRandomNumberGenerator()
    var newest = Frame(width: 90, height: 12)
    for round in 0..<30 {
      for _ in 0..<50 {
        let (x, y) = (Int.random(in: 0..<88, using: &random), Int.random(in: 0..<12, using: &random))
        newest.text(round % 3 == 0 ? "日" : "x", x: x, y: y, style: Style(attributes: round % 2 == 0 ? .bold : []))
      }
      delivery.aim(at: newest, isAnswer: round % 4 == 1)
      // A few of its parts, then the next frame.
      for _ in 0..<3 {
        if let piece = delivery.next(limit: limit, answerLimit: limit, cost: cells) {
          apply(piece, of: delivery.target, to: &screen)
        }
      }
    }
    var count = 0
    while let piece = delivery.next(limit: limit, answerLimit: limit, cost: cells) {
      apply(piece, of: delivery.target, to: &screen)
      count += 1
      try #require(count < 5000)
    }
    #expect(!delivery.isDue && screen == newest)
  }

  @Test("The answer to a key is sent before a waiting frame, at once")
  func answerFirst() throws {
    var delivery = FrameDelivery()
    let blank = Array(repeating: String(repeating: " ", count: 60), count: 10)
    delivery.aim(at: frame(blank), isAnswer: false)
    _ = delivery.next(limit: 10_000, answerLimit: 10_000, cost: cells)
    // A frame that must not be sent.
    var rows = Array(repeating: String(repeating: "p", count: 60), count: 9) + [blank[9]]
    delivery.aim(at: frame(rows), isAnswer: false)
    #expect(delivery.isDue && !delivery.isAnswerDue)
    let nothing = delivery.next(limit: 0, answerLimit: 1000, cost: cells)
    #expect(nothing == nil)
    // A key changes two rows.
    rows[4] = String(repeating: "k", count: 60)
    rows[9] = "message" + String(repeating: " ", count: 53)
    delivery.aim(at: frame(rows), isAnswer: true)
    #expect(delivery.isAnswerDue)
    var answered: Set<Int> = []
    while delivery.isAnswerDue {
      let piece = try take(&delivery, limit: 0, answerLimit: 30)
      answered.formUnion(piece.runs.map(\.y))
    }
    #expect(answered == [4, 9])
    #expect(delivery.isDue)
  }

  @Test("Overlays are sent first, then the footer, then the top; a later answer before an earlier one")
  func order() throws {
    var delivery = FrameDelivery()
    let blank = Array(repeating: String(repeating: " ", count: 30), count: 9)
    delivery.aim(at: frame(blank), isAnswer: false)
    _ = delivery.next(limit: 10_000, answerLimit: 10_000, cost: cells)
    var full = frame(Array(repeating: String(repeating: "x", count: 30), count: 9))
    full.focus = Rect(x: 5, y: 4, width: 10, height: 2)
    delivery.aim(at: full, isAnswer: true)
    var order: [Int] = []
    func next() throws { order += try take(&delivery, limit: 0, answerLimit: 30).runs.map(\.y) }
    for _ in 0..<5 { try next() }
    #expect(order == [4, 5, 8, 0, 1])
    full[0, 7].glyph = "k"
    delivery.aim(at: full, isAnswer: true)
    try next()
    #expect(order.last == 7)
  }

  @Test("The rows that are outdated longest are sent first")
  func fairness() throws {
    var delivery = FrameDelivery()
    func picture(_ letter: String, _ last: String) -> Frame {
      frame(Array(repeating: String(repeating: letter, count: 30), count: 4) + [String(repeating: last, count: 30)])
    }
    delivery.aim(at: picture("a", "-"), isAnswer: false)
    _ = delivery.next(limit: 10_000, answerLimit: 10_000, cost: cells)
    var sent: [Int] = []
    // Four rows change continuously, and the last one once.
    for letter in ["b", "c", "d"] {
      delivery.aim(at: picture(letter, "-"), isAnswer: false)
      sent += try take(&delivery, limit: 30, answerLimit: 30).runs.map(\.y)
    }
    delivery.aim(at: picture("e", "+"), isAnswer: false)
    for _ in 0..<2 { sent += try take(&delivery, limit: 30, answerLimit: 30).runs.map(\.y) }
    #expect(Set(sent) == [0, 1, 2, 3, 4])
  }

  @Test("A screen of another size, or one that was written over, is sent whole")
  func anew() throws {
    var delivery = FrameDelivery()
    delivery.aim(at: frame(["ab"]), isAnswer: false)
    _ = delivery.next(limit: 100, answerLimit: 100, cost: cells)
    delivery.forgetShown()
    #expect(delivery.isAnswerDue)
    var runs = try take(&delivery, limit: 100, answerLimit: 100).runs
    #expect(runs == [Frame.Run(y: 0, columns: 0..<2)])
    delivery.aim(at: frame(["abc"]), isAnswer: false)
    runs = try take(&delivery, limit: 100, answerLimit: 100).runs
    #expect(runs == [Frame.Run(y: 0, columns: 0..<3)])
    var moved = frame(["abc"])
    moved.cursor = Frame.Point(x: 1, y: 0)
    delivery.aim(at: moved, isAnswer: false)
    let cursor = try take(&delivery, limit: 100, answerLimit: 100)
    #expect(cursor.runs.isEmpty && cursor.isLast)
  }
}
