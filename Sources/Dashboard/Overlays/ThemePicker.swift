package import TerminalUI

/// The list of themes, each previewed on the screen.
package struct ThemePicker: Overlay {
  private let names: [String]
  private var selected: Int
  // The theme to restore on cancel.
  private let original: Theme
  // Why the selected theme cannot be loaded; empty if it can.
  private var mistake = ""
  private var page = 1

  /// A picker with the current theme selected.
  init(names: [String], current: String, original: Theme) {
    self.names = names
    selected = names.firstIndex(of: current) ?? 0
    self.original = original
  }

  package mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    switch key {
    case .escape, .character("q"): return cancel(&dashboard)
    case .enter: return keep(&dashboard)
    case .up, .character("k"): move(.up, &dashboard)
    case .down, .character("j"), .character("T"): move(.down, &dashboard)
    case .pageUp: move(.pageUp, &dashboard)
    case .pageDown: move(.pageDown, &dashboard)
    case .home, .character("g"): move(.first, &dashboard)
    case .end, .character("G"): move(.last, &dashboard)
    default: break
    }
    return .stays
  }

  package mutating func take(
    _ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard
  ) -> OverlayFate {
    switch mouse.kind {
    case .wheelUp: move(.up, &dashboard)
    case .wheelDown: move(.down, &dashboard)
    case .press: if case .row(let index) = target { select(index, &dashboard) }
    case .drag, .release: break
    }
    return .stays
  }

  package mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate {
    dashboard.appearance.theme = original
    return .closes
  }

  private mutating func keep(_ dashboard: inout Dashboard) -> OverlayFate {
    guard names.indices.contains(selected), mistake.isEmpty else { return .stays }
    dashboard.keepTheme(names[selected])
    return .closes
  }

  private mutating func move(_ move: ListMove, _ dashboard: inout Dashboard) {
    select(selected + min(max(-names.count, move.rows(page: page)), names.count), &dashboard)
  }

  private mutating func select(_ index: Int, _ dashboard: inout Dashboard) {
    selected = min(max(0, index), max(0, names.count - 1))
    preview(&dashboard)
  }

  /// Previews the selected theme, or shows why it cannot be loaded.
  mutating func preview(_ dashboard: inout Dashboard) {
    guard names.indices.contains(selected) else { return }
    do {
      try dashboard.appearance.show(names[selected])
      mistake = ""
    } catch {
      mistake = "\(error)"
    }
  }

  package func hints(_ dashboard: Dashboard) -> [Footer.Hint] {
    [.choose, .key(.enter, "keep"), .key(.escape, "back")]
  }

  package mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    let bounds = painter.frame.bounds
    let width = min(44, bounds.width)
    let height = min(bounds.height - 2, names.count + 6)
    // At the right, so that most of the screen shows the theme.
    let area = Rect(x: bounds.maxX - width - (bounds.width >= 80 ? 2 : 0), y: 1, width: width, height: height)
    painter.fill(area, .background)
    painter.frame.border(
      area, title: [painter.piece("theme", .strong, .bold)], trailing: [painter.piece("enter keeps", .faint)],
      style: painter.style(.focus), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    guard !inner.isEmpty else { return }
    let list = inner.inset(bottom: inner.height >= 6 ? 3 : 0)
    page = max(1, list.height)
    let first = ListView.offset(
      selected - list.height / 2, selection: selected, height: list.height, count: names.count)
    for row in 0..<min(list.height, names.count - first) {
      let index = first + row
      let place = list.row(row)
      let isSelected = index == selected
      painter.hits.add(place, .row(index))
      if isSelected { painter.fill(place.inset(left: -1, right: -1), .selection) }
      painter.on(isSelected ? .selection : .background) { painter in
        painter.text(
          names[index], x: place.x, y: place.y, isSelected ? .strong : .text, isSelected ? .bold : [],
          maxWidth: place.width - 2)
      }
    }
    painter.frame.scrollBar(
      x: list.maxX - 1, y: list.y, height: list.height, offset: first, visible: list.height, count: names.count,
      theme: painter.theme, glyphs: painter.glyphs)
    if inner.height >= 6 {
      drawSample(of: dashboard.appearance.theme, in: inner.rows(inner.height - 2, 2), on: &painter)
    }
  }

  private func drawSample(of theme: Theme, in area: Rect, on painter: inout Painter) {
    if !mistake.isEmpty {
      for (row, line) in TextWrap.lines(mistake, width: area.width).prefix(area.height).enumerated() {
        painter.text(line, x: area.x, y: area.y + row, .bad, maxWidth: area.width)
      }
      return
    }
    var x = area.x
    for lane in 0..<6 {
      painter.frame.text("████", x: x, y: area.y, style: painter.style(lane: lane), maxWidth: area.maxX - x)
      x += 5
    }
    painter.line(
      [
        painter.piece("\(theme.variant.rawValue) ", .faint), painter.piece("good ", .good),
        painter.piece("warning ", .warning), painter.piece("bad ", .bad), painter.piece("key", .accent),
      ], in: area.row(1))
  }
}
