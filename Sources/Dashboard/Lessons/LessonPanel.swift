import EngineProtocol
import TerminalUI

/// How the screen is divided between the training and the lesson: side by side if it is wide, otherwise one below the
/// other.
struct LessonLayout: Hashable {
  let live: Rect
  let panel: Rect

  /// The division of a screen of this size.
  init(_ screen: Rect) {
    if screen.width >= 116, screen.height >= 20 {
      let width = min(46, screen.width * 3 / 8)
      live = Rect(x: 0, y: 0, width: screen.width - width, height: screen.height)
      panel = Rect(x: live.width, y: 0, width: width, height: screen.height)
    } else {
      // The smallest screens leave the training its state.
      let height = min(screen.height - min(screen.height, 3), screen.height >= 20 ? 9 : max(4, screen.height * 2 / 5))
      live = Rect(x: 0, y: 0, width: screen.width, height: screen.height - height)
      panel = Rect(x: 0, y: live.height, width: screen.width, height: height)
    }
  }
}

/// A lesson beside the training: the text, the task, and what it showed.
struct LessonPanel {
  let course: LessonCourse
  let scene: LessonScene

  private var title: String { "lesson \(course.number) of \(course.count)" }
  private var progress: String { "task \(course.task + 1) of \(course.lesson.tasks.count)" }

  // The paragraphs with their roles; the last one is the most important.
  fileprivate func paragraphs(_ glyphs: GlyphSet) -> [(text: String, role: ThemeRole)] {
    let task = course.current
    let key = scene.key(.lessonNext)
    if let outcome = course.outcome {
      let next =
        course.isAtLastTask ? (course.number == course.count ? "end the lessons" : "open the next lesson") : "go on"
      return [("\(glyphs.finished) \(outcome)", .text), ("\(glyphs.selected) Press “\(key)” to \(next).", .accent)]
    }
    return [(task.text(scene), .text), ("\(glyphs.selected) \(task.request(scene))", .accent)]
  }

  // The last line that fits, with the key that shows the rest.
  private func cut(_ line: String, in width: Int) -> String {
    let note = " (\(scene.key(.lesson)) all)"
    let text = truncated(line, width: max(1, width - displayWidth(note) - 2))
    return text + (text.count < line.count ? "" : " …") + note
  }

  func draw(in area: Rect, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    painter.fill(area, .background)
    var body = area
    let isBoxed = area.width >= 24 && area.height >= 5
    // A narrow panel has room for the numbers only at its foot.
    let hasFoot = isBoxed && area.height >= 20 && area.width < 70
    let place = "\(title), \(progress)"
    if isBoxed {
      painter.frame.border(
        area, title: [painter.piece(course.lesson.title, .strong, .bold)],
        trailing: hasFoot ? [] : [painter.piece(area.width >= 70 ? place : progress, .faint)],
        style: painter.style(.focus), glyphs: painter.glyphs)
      body = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    } else if area.height > 1 {
      painter.fill(area.row(0), .bar)
      painter.on(.bar) { painter in
        painter.line(
          [painter.piece(" " + course.lesson.title, .strong, .bold)], trailing: [painter.piece(progress + " ", .faint)],
          in: area.row(0))
      }
      body = area.inset(left: min(1, area.width / 20), top: 1)
    }
    let paragraphs = paragraphs(painter.glyphs)
    let wrapped = paragraphs.map { TextWrap.lines($0.text, width: body.width) }
    let last = wrapped[wrapped.count - 1].prefix(body.height)
    // The text gives way to the request.
    let room = body.height - last.count
    let isRoomy = wrapped.reduce(0) { $0 + $1.count } + 1 <= body.height
    var y = body.y
    for (line, index) in zip(wrapped[0], 0...) where index < room {
      let isCut = index == room - 1 && wrapped[0].count > room
      let text = isCut ? cut(line, in: body.width) : line
      painter.text(text, x: body.x, y: y, paragraphs[0].role, maxWidth: body.width)
      y += 1
    }
    if isRoomy { y += 1 }
    for line in last {
      painter.text(line, x: body.x, y: y, paragraphs[1].role, .bold, maxWidth: body.width)
      y += 1
    }
    if hasFoot { painter.text(place, x: body.x, y: body.maxY - 1, .faint, maxWidth: body.width) }
    painter.hits.add(area, .action(Invocation(course.outcome == nil ? .lesson : .lessonNext)))
  }
}

/// The whole text of the current task.
struct LessonText: Overlay {
  private var position = ListPosition.start

  mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    switch key {
    case .up, .character("k"): position.scroll(.up)
    case .down, .character("j"): position.scroll(.down)
    case .pageUp: position.scroll(.pageUp)
    case .pageDown: position.scroll(.pageDown)
    default: return .closes
    }
    return .stays
  }

  mutating func take(_ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard) -> OverlayFate {
    switch mouse.kind {
    case .wheelUp: position.scroll(.up)
    case .wheelDown: position.scroll(.down)
    case .press: return .closes
    case .drag, .release: break
    }
    return .stays
  }

  func hints(_ dashboard: Dashboard) -> [Footer.Hint] {
    [.key(.escape, "leave"), Footer.Hint(keys: Footer.Hint.choose.keys, title: "scroll")]
  }

  mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    guard let course = dashboard.lesson else { return }
    let panel = LessonPanel(course: course, scene: course.scene(dashboard))
    let bounds = painter.frame.bounds
    let width = min(72, bounds.width - 2)
    let paragraphs = panel.paragraphs(painter.glyphs)
    let lines = paragraphs.flatMap { paragraph in
      TextWrap.lines(paragraph.text, width: max(1, width - 6)).map { ($0, paragraph.role) } + [("", paragraph.role)]
    }
    let area = OverlayBox.draw(
      title: course.lesson.title, note: "esc leaves", width: width, height: min(lines.count + 3, bounds.height - 2),
      on: &painter)
    guard !area.isEmpty else { return }
    let first = position.firstRow(count: lines.count, height: area.height)
    for (row, line) in lines.dropFirst(first).prefix(area.height).enumerated() {
      painter.text(line.0, x: area.x, y: area.y + row, line.1, maxWidth: area.width)
    }
  }
}
