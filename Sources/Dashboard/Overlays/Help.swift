package import TerminalUI

/// The searchable list of all keys and commands.
package struct Help: Overlay {
  // The search words.
  private var search: TextField
  private var position = ListPosition.start

  /// The help, filtered by `words`.
  package init(words: String = "") { search = TextField(words) }

  package mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    switch key {
    case .escape where !search.isEmpty: self = Help()
    case .escape, .enter: return .closes
    case .character("?") where search.isEmpty, .character("q") where search.isEmpty: return .closes
    case .up: position.scroll(.up)
    case .down: position.scroll(.down)
    case .pageUp: position.scroll(.pageUp)
    case .pageDown: position.scroll(.pageDown)
    case .home: position.scroll(.first)
    case .end: position.scroll(.last)
    default: if search.handle(key) { position = .start }
    }
    return .stays
  }

  package mutating func take(
    _ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard
  ) -> OverlayFate {
    switch mouse.kind {
    case .wheelUp: position.scroll(.up)
    case .wheelDown: position.scroll(.down)
    // A click outside.
    case .press: if target == nil { return .closes }
    case .drag, .release: break
    }
    return .stays
  }

  package mutating func take(_ pasted: PastedText, _ dashboard: inout Dashboard) {
    search.insert(pasted.text)
    position = .start
  }

  package func hints(_ dashboard: Dashboard) -> [Footer.Hint] {
    [
      .key(.escape, "leave"), Footer.Hint(keys: Footer.Hint.choose.keys, title: "scroll"),
      Footer.Hint(keys: "a-z", title: "search"),
    ]
  }

  package mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    let bounds = painter.frame.bounds
    let area = OverlayBox.draw(
      title: "help", note: "type to search, esc leaves", width: min(132, bounds.width - 2),
      height: min(46, bounds.height - 2), on: &painter)
    guard !area.isEmpty else { return }
    let prompt = painter.text("search ", x: area.x, y: area.y, .faint, maxWidth: area.width)
    var search = search
    search.placeholder = "pause, zoom, :theme ..."
    search.render(
      into: &painter.frame, area: area.row(0).inset(left: prompt), theme: painter.theme, glyphs: painter.glyphs)
    let list = area.inset(top: 2)
    let lines = lines(width: list.width - 2, dashboard)
    let first = position.firstRow(count: lines.count, height: list.height)
    for (row, line) in lines.dropFirst(first).prefix(list.height).enumerated() {
      draw(line, in: list.row(row).inset(right: 2), on: &painter)
    }
    if lines.isEmpty { painter.text("no matching actions", x: list.x, y: list.y, .faint, maxWidth: list.width) }
    painter.frame.scrollBar(
      x: list.maxX - 1, y: list.y, height: list.height, offset: first, visible: list.height, count: lines.count,
      theme: painter.theme, glyphs: painter.glyphs)
    painter.hits.add(area, .row(0))
  }

  private static let keyWidth = 10
  private static let usageWidth = 35

  // A heading or an action.
  private enum Row {
    case heading(ActionGroup)
    case action(ActionDefinition)
  }

  // The rows that contain all search words in title, help, key or command.
  private func rows(keyMap: KeyMap, in context: ActionContext) -> [Row] {
    let words = search.text.lowercased().split(separator: " ").map(String.init)
    return ActionGroup.allCases.flatMap { group -> [Row] in
      let found = ActionTable.all.filter { definition in
        guard definition.group == group, definition.context.isShown(in: context) else { return false }
        let keys = keyMap.keys(for: definition.action).map(\.label).joined(separator: " ")
        let text = "\(definition.title) \(definition.help) \(definition.usage) \(keys) \(group.rawValue)".lowercased()
        return words.allSatisfy { text.contains($0) }
      }
      return found.isEmpty ? [] : [.heading(group)] + found.map(Row.action)
    }
  }

  // A line of the list: a heading, or the first or a later line of an action.
  private struct Line {
    var heading: String?
    var keys = ""
    var usage = ""
    var help = ""
    var isUseful = true
  }

  // If there is no room for both, the description has priority over the command's usage.
  private func usageWidth(_ width: Int) -> Int { width >= 96 ? Self.usageWidth : 0 }

  private func lines(width: Int, _ dashboard: Dashboard) -> [Line] {
    let keyMap = dashboard.keyMap
    let context = dashboard.viewContext
    return rows(keyMap: keyMap, in: dashboard.context).flatMap { row -> [Line] in
      switch row {
      case .heading(let group): return [Line(heading: group.rawValue)]
      case .action(let definition):
        let keys = keyMap.keys(for: definition.action).map(\.label).joined(separator: " ")
        let room = max(1, width - 2 - Self.keyWidth - usageWidth(width))
        var lines = TextWrap.lines(definition.help, width: room).map { Line(help: $0) }
        (lines[0].keys, lines[0].usage, lines[0].isUseful) = (
          keys, definition.usage, dashboard.isUseful(definition.action, context)
        )
        return lines
      }
    }
  }

  private func draw(_ line: Line, in area: Rect, on painter: inout Painter) {
    if let heading = line.heading {
      painter.text(heading, x: area.x, y: area.y, .strong, .bold, maxWidth: area.width)
      return
    }
    painter.text(line.keys, x: area.x + 2, y: area.y, line.isUseful ? .accent : .faint, maxWidth: Self.keyWidth)
    let x = area.x + 2 + Self.keyWidth
    let usageWidth = usageWidth(area.width)
    if usageWidth > 0 {
      painter.text(line.usage, x: x, y: area.y, line.isUseful ? .text : .faint, maxWidth: usageWidth - 1)
    }
    painter.text(line.help, x: x + usageWidth, y: area.y, .faint, maxWidth: area.maxX - x - usageWidth)
  }
}

extension ActionContext {
  /// Whether the help lists an action of this context: a sweep and a training have nothing to do with each other.
  fileprivate func isShown(in context: ActionContext) -> Bool {
    context.contains(.sweep) ? contains(.sweep) : !isDisjoint(with: [.launcher, .live])
  }
}
