import EngineProtocol
import TerminalUI

/// Draws the launcher: the experiments at the left, the selected one with its fields at the right.
struct LauncherView {
  let launcher: LauncherModel
  let footer: Footer
  let keyMap: KeyMap
  let download: LauncherDownload

  func draw(in screen: Rect, on painter: inout Painter) {
    let hasTitle = screen.height >= 6
    let hasFooter = screen.height >= 4
    if hasTitle { drawTitle(in: screen.row(0), on: &painter) }
    if hasFooter { footer.draw(in: screen.row(screen.height - 1), on: &painter) }
    var body = screen.inset(top: hasTitle ? 1 : 0, bottom: hasFooter ? 1 : 0)
    let rows = download.height(width: body.width, screen: screen.height)
    download.draw(in: body.rows(body.height - rows, rows), on: &painter)
    body = body.inset(bottom: rows)
    guard launcher.catalog != nil else {
      let phase = Snapshot.Phase.preparing(.init(nil, "looking for presets and data sets"))
      return PreparingView(phase: phase, now: 0).draw(in: body, on: &painter)
    }
    // On a large screen the content is limited to a readable size.
    let isLarge = body.width >= 100 && body.height >= 34 && painter.glyphs.fallback == .none
    if isLarge {
      let content = body.centered(width: 140, height: Wordmark.height + 1 + min(34, contentHeight))
      body = Rect(
        x: content.x, y: body.y + (body.height - content.height) / 3, width: content.width, height: content.height)
      Wordmark.draw(in: body.inset(left: 2), on: &painter)
      body = body.inset(top: Wordmark.height)
    }
    if screen.height >= 20, screen.width >= 50 {
      let rows = LauncherDatasets(launcher: launcher, keyMap: keyMap).height(width: body.width, room: body.height - 14)
      LauncherDatasets(launcher: launcher, keyMap: keyMap).draw(in: body.rows(body.height - rows, rows), on: &painter)
      body = body.inset(bottom: rows)
    }
    if screen.width >= 64, body.height >= 8 {
      // As wide as names and notes need, but at most half the width.
      let wanted = min(screen.width / 2, contentWidth)
      let width = min(44, max(28, screen.width * 2 / 5, wanted))
      let parts = body.columns([.fixed(width), .weighted(1)])
      drawExperiments(in: parts[0], on: &painter)
      LauncherDetails(launcher: launcher, keyMap: keyMap).draw(in: parts[1], on: &painter)
    } else if launcher.side == .experiments {
      drawExperiments(in: body, on: &painter)
    } else {
      LauncherDetails(launcher: launcher, keyMap: keyMap).draw(in: body, on: &painter)
    }
  }

  // The width of the longest name with its note, marker and border.
  private var contentWidth: Int {
    (launcher.presets.indices.map { displayWidth(launcher.presets[$0].name) + 2 + displayWidth(note(on: $0).text) }
      .max()
      ?? 0) + 5
  }

  // The note behind an experiment's name.
  private func note(on index: Int) -> (text: String, isMissing: Bool) {
    guard launcher.presets.indices.contains(index) else { return (index == 0 ? "default" : "", false) }
    let preset = launcher.presets[index]
    if launcher.isMissing(preset.dataset) { return ("needs \(preset.dataset)", true) }
    return (index == 0 ? "default" : "\(preset.epochs) epochs", false)
  }

  // The number of rows for experiments with summaries, or a form with its description, and the data sets.
  private var contentHeight: Int {
    let experiments = (launcher.presets.count + 1) * 3 + 2
    let form = launcher.fields.count + 13
    return max(experiments, form) + (launcher.catalog?.datasets.count ?? 0) + 3
  }

  private func drawTitle(in row: Rect, on painter: inout Painter) {
    painter.fill(row, .bar)
    painter.on(.bar) { painter in
      painter.line(
        [painter.piece(" "), painter.piece("signflip", .accent, .bold)],
        trailing: [painter.piece("train a binary network beside its full-precision twin ", .faint)], in: row)
    }
  }

  private func drawExperiments(in area: Rect, on painter: inout Painter) {
    let isActive = launcher.side == .experiments
    var inner = area
    if area.height >= 5, area.width >= 20 {
      painter.frame.border(
        area, title: [painter.piece("experiments", isActive ? .strong : .text, isActive ? .bold : [])],
        style: painter.style(isActive ? .focus : .border), glyphs: painter.glyphs)
      inner = area.inset(left: 1, top: 1, right: 1, bottom: 1)
    }
    let count = launcher.presets.count + 1
    // Two rows per experiment if the summaries fit.
    let rowHeight = inner.height >= count * 3 ? 3 : inner.height >= count * 2 && inner.width >= 30 ? 2 : 1
    let visible = max(1, inner.height / rowHeight)
    let first = ListView.offset(0, selection: launcher.selected, height: visible, count: count)
    for place in 0..<min(visible, count - first) {
      let rows = inner.rows(place * rowHeight, rowHeight)
      drawExperiment(first + place, in: rows, isActive: isActive, on: &painter)
    }
    if count > visible {
      painter.frame.scrollBar(
        x: inner.maxX - 1, y: inner.y, height: inner.height, offset: first, visible: visible, count: count,
        theme: painter.theme, glyphs: painter.glyphs)
    }
  }

  private func drawExperiment(_ index: Int, in area: Rect, isActive: Bool, on painter: inout Painter) {
    let isSelected = index == launcher.selected
    let preset = launcher.presets.indices.contains(index) ? launcher.presets[index] : nil
    let textRows = min(2, area.height)
    painter.hits.add(area, .experiment(index))
    if isSelected { painter.fill(area.rows(0, textRows), .selection) }
    painter.on(isSelected ? .selection : .background) { painter in
      let mark = isSelected ? "\(painter.glyphs.selected) " : "  "
      painter.text(mark, x: area.x, y: area.y, .accent, maxWidth: area.width)
      let title = preset?.name ?? launcher.file ?? "your own YAML file"
      let (note, isMissing) = note(on: index)
      let row = area.row(0).inset(left: 2, right: 1)
      // That it cannot start is more important than the end of a long name.
      let room = isMissing ? row.width - displayWidth(note) - 2 : row.width
      painter.line(
        [
          painter.piece(
            truncated(title, width: max(8, room)), isMissing ? .faint : isSelected ? .strong : .text,
            isSelected && isActive ? .bold : [])
        ], trailing: [painter.piece(note, isMissing ? .warning : .faint)], in: row)
      guard textRows > 1 else { return }
      let summary = preset?.summary ?? "o asks for its path"
      painter.text(summary, x: area.x + 2, y: area.y + 1, .faint, maxWidth: area.width - 3)
    }
  }
}

/// The program's name in large letters.
enum Wordmark {
  private static let lines = [
    "┏━┓╻┏━╸┏┓╻┏━╸╻  ╻┏━┓",
    "┗━┓┃┃╺┓┃┗┫┣╸ ┃  ┃┣━┛",
    "┗━┛╹┗━┛╹ ╹╹  ┗━╸╹╹",
  ]

  /// The number of rows, including the text below.
  static let height = 5

  /// Draws the name and a description of the program at the left of `area`.
  static func draw(in area: Rect, on painter: inout Painter) {
    for (row, line) in lines.enumerated() {
      painter.text(line, x: area.x, y: area.y + row, .accent, .bold, maxWidth: area.width)
    }
    let x = area.x + 24
    painter.text(
      "Train a binary neural network beside its full-precision twin.", x: x, y: area.y, .text, maxWidth: area.maxX - x)
    painter.text(
      "Watch which weights change their sign, turn the knobs while they learn,", x: x, y: area.y + 1, .faint,
      maxWidth: area.maxX - x)
    painter.text(
      "and see what one bit a weight costs and saves.", x: x, y: area.y + 2, .faint, maxWidth: area.maxX - x)
  }
}
