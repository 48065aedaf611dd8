import EngineProtocol
import TerminalUI
import TrainingMetrics

/// Draws the data sets: which are installed and where, how to get the others, and which directories were searched.
struct LauncherDatasets {
  let launcher: LauncherModel
  let keyMap: KeyMap

  /// The number of rows it needs, if that fits into `room`, otherwise 0.
  func height(width: Int, room: Int) -> Int {
    let wanted = (launcher.catalog?.datasets.count ?? 0) + 3
    return room >= wanted ? wanted : room >= wanted - 1 ? wanted - 1 : 0
  }

  func draw(in area: Rect, on painter: inout Painter) {
    guard area.height >= 3, let catalog = launcher.catalog else { return }
    painter.frame.border(
      area, title: [painter.piece("data sets", .text)], trailing: [painter.piece("R looks again", .faint)],
      style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let nameWidth = catalog.datasets.map { displayWidth($0.name) }.max() ?? 0
    for (line, dataset) in catalog.datasets.prefix(inner.height).enumerated() {
      let row = inner.row(line)
      let isFound = dataset.location != nil
      let sign = isFound ? painter.glyphs.finished : painter.glyphs.separator
      painter.text("\(sign)", x: row.x, y: row.y, isFound ? .good : .faint)
      let isChosen = dataset.name == launcher.dataset
      painter.text(
        dataset.name, x: row.x + 2, y: row.y, isChosen ? .strong : isFound ? .text : .faint, isChosen ? .bold : [])
      let text = dataset.location.map { "\($0)" } ?? "not found. \(dataset.remedy(keyMap, isChosen: isChosen))"
      let x = row.x + 4 + nameWidth
      var pieces = [painter.piece(text, isFound && row.width >= 90 ? .text : .faint)]
      if isFound, row.width >= 90 {
        // As many of the facts as fit.
        var facts = dataset.summary.split(separator: ", ")
        func words() -> String { "  " + facts.joined(separator: ", ") }
        while facts.count > 1, displayWidth(text + words()) > row.maxX - x { facts.removeLast() }
        pieces.append(painter.piece(words(), .faint))
      }
      painter.frame.text(pieces, x: x, y: row.y, maxWidth: row.maxX - x)
    }
    if inner.height > catalog.datasets.count {
      let row = inner.row(catalog.datasets.count)
      let text = "searched \(catalog.searchPath.joined(separator: ", "))"
      painter.text(text, x: row.x, y: row.y, .faint, maxWidth: row.width)
    }
  }
}

extension Catalog.Dataset {
  /// How to get a data set: with a key if the selected experiment needs it, otherwise as the engine says.
  func remedy(_ keyMap: KeyMap, isChosen: Bool) -> String {
    guard let downloadBytes else { return howToGet }
    let size = NumberFormat.bytes(downloadBytes)
    guard isChosen else { return "\(size) to download" }
    return "\(keyMap.keys(for: .download).first?.label ?? ":download") downloads it, \(size)"
  }
}
