package import EngineProtocol
import Foundation
package import TerminalUI
import TrainingMetrics

/// A canvas of the size of the data set's images, and what every lane takes the drawing for.
package struct DrawingBoard: Overlay {
  private var picture: Picture
  private var pen: (x: Double, y: Double)
  private var isPenDown = false
  private var erases = false
  // Whether the pen is moved by keys, so that it is shown.
  private var showsPen = true
  private var layout: PictureLayout?
  // Where the mouse was last, while its button is held.
  private var last: (x: Double, y: Double)?
  // The question that the engine has not answered.
  private var asked: ImageQuestion?
  private var answers: ImageAnswers?
  // Whether the newest question was refused.
  private var wasRefused = false
  // When it was sent.
  private var askedAt = 0.0

  /// An empty canvas.
  init(width: Int, height: Int) {
    picture = Picture(width: width, height: height, channels: 1, pixels: [])
    pen = (Double(width / 2), Double(height / 2))
  }

  private var question: ImageQuestion { .drawn(Data(picture.pixels)) }

  // MARK: Drawing with keys and mouse

  package mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    switch key {
    case .escape, .character("q"): return .closes
    case .left, .character("h"): move(-1, 0)
    case .right, .character("l"): move(1, 0)
    case .up, .character("k"): move(0, -1)
    case .down, .character("j"): move(0, 1)
    case .character(" "), .enter:
      isPenDown.toggle()
      if isPenDown { paint(at: pen) }
    case .character("e"): erases.toggle()
    case .character("x"), .delete, .backspace:
      picture.pixels = Array(repeating: 0, count: picture.pixels.count)
      isPenDown = false
    default: return .stays
    }
    (showsPen, wasRefused) = (true, false)
    ask(&dashboard)
    return .stays
  }

  private mutating func move(_ x: Double, _ y: Double) {
    pen.x = min(max(0, pen.x + x), Double(picture.width - 1))
    pen.y = min(max(0, pen.y + y), Double(picture.height - 1))
    if isPenDown { paint(at: pen) }
  }

  package mutating func take(
    _ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard
  ) -> OverlayFate {
    switch mouse.kind {
    case .press, .drag:
      guard let point = layout?.point(x: mouse.x, y: mouse.y) else {
        last = nil
        return .stays
      }
      (showsPen, isPenDown, wasRefused) = (false, false, false)
      paint(from: mouse.kind == .drag ? last ?? point : point, to: point)
      (last, pen) = (point, (point.x.rounded(), point.y.rounded()))
      ask(&dashboard)
    case .release: last = nil
    case .wheelUp, .wheelDown: break
    }
    return .stays
  }

  // Mouse events arrive a cell or more apart.
  private mutating func paint(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
    let length = max(abs(end.x - start.x), abs(end.y - start.y))
    let count = max(1, Int(length.rounded(.up)))
    for step in 0...count {
      let share = Double(step) / Double(count)
      paint(at: (start.x + share * (end.x - start.x), start.y + share * (end.y - start.y)))
    }
  }

  // A round brush of about two and a half pixels with a soft edge, as strokes of MNIST have.
  private mutating func paint(at point: (x: Double, y: Double)) {
    let size = Double(max(picture.width, picture.height)) / 28
    let (radius, edge) = (0.8 * size, 0.9 * size)
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let distance = ((Double(x) - point.x) * (Double(x) - point.x) + (Double(y) - point.y) * (Double(y) - point.y))
          .squareRoot()
        let ink = min(1, max(0, (radius + edge - distance) / edge))
        guard ink > 0 else { continue }
        let index = y * picture.width + x
        let level = Double(picture.pixels[index])
        picture.pixels[index] = UInt8(erases ? min(level, 255 * (1 - ink)) : max(level, (255 * ink).rounded()))
      }
    }
  }

  // MARK: Answers

  // One question at a time: the next one follows the answer. An unchanged drawing is shown again to lanes that learn.
  private mutating func ask(_ dashboard: inout Dashboard) {
    let isNew = answers?.question != question && !wasRefused
    guard asked == nil, isNew || dashboard.now - askedAt >= 1, dashboard.answersQuestions else { return }
    guard picture.pixels.contains(where: { $0 > 0 }) else { return }
    (asked, askedAt) = (question, dashboard.now)
    dashboard.send(.answerImage(question))
  }

  package mutating func take(_ event: EngineEvent, _ dashboard: inout Dashboard) {
    switch event {
    case .imageAnswered(_, let answers) where answers.question == asked:
      self.answers = answers
      (asked, wasRefused) = (nil, false)
    case .refused(let id, _) where dashboard.connection.pending.isOwn(id):
      // Asked again at the next stroke, or after a second.
      (asked, wasRefused) = (nil, true)
      return
    case .points, .epoch: break
    default: return
    }
    ask(&dashboard)
  }

  package func hints(_ dashboard: Dashboard) -> [Footer.Hint] {
    [
      .key(.character(" "), isPenDown ? "pen up" : "pen down"), .key(.character("e"), erases ? "draw" : "erase"),
      .key(.character("x"), "clear"), .key(.escape, "leave"),
    ]
  }

  package var isAboutEngine: Bool { true }

  // MARK: Its picture

  package mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    let bounds = painter.frame.bounds
    let lanes = dashboard.model.lanes
    let note = erases ? "erasing" : isPenDown ? "pen down" : bounds.width >= 60 ? "arrows or mouse draw" : ""
    let area = OverlayBox.draw(
      title: "draw", note: note, width: min(max(picture.width + 46, 76), bounds.width - 2),
      height: min((picture.height + 1) / 2 + 4, max(7, bounds.height - 2)), on: &painter)
    guard !area.isEmpty else { return }
    // On a narrow screen the answers take the rows below.
    let answerRows = min(lanes.count, area.height / 3)
    let isWide = area.width - picture.layout(in: area).area.width >= 22
    let canvas = isWide ? area.inset(right: 22) : area.inset(bottom: answerRows)
    picture.marked = showsPen ? Frame.Point(x: Int(pen.x), y: Int(pen.y)) : nil
    let place = picture.layout(in: canvas).area
    // A frame of its own: the canvas is black as the screen may be.
    let framed = isWide && canvas.width >= place.width + 2 && canvas.height >= place.height + 2
    if framed {
      painter.frame.border(
        Rect(x: canvas.x, y: canvas.y, width: place.width + 2, height: place.height + 2), style: painter.style(.border),
        glyphs: painter.glyphs)
    }
    layout = picture.render(
      into: &painter.frame, area: framed ? canvas.inset(left: 1, top: 1, right: 1, bottom: 1) : canvas,
      theme: painter.theme, glyphs: painter.glyphs)
    let used = place.width + (framed ? 2 : 0)
    let rest = isWide ? area.inset(left: used + 2) : area.rows(area.height - answerRows, answerRows)
    AnswerList(answers: picture.pixels.contains { $0 > 0 } ? answers : nil, lanes: lanes).draw(
      in: rest.intersection(area), waiting: "draw a digit or another image of the data set", on: &painter)
  }
}
