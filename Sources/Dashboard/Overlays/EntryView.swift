import EngineProtocol
import TerminalUI

/// Draws the line being typed at the foot, with what it may go on as above it.
struct EntryView {
  let entry: LineEntry

  func draw(in row: Rect, on painter: inout Painter) {
    painter.fill(row, .bar)
    painter.on(.bar) { painter in
      let prompt = painter.text(" " + entry.prompt, x: row.x, y: row.y, .accent, .bold, maxWidth: row.width * 2 / 3)
      entry.text.render(
        into: &painter.frame, area: row.inset(left: prompt, right: 1), theme: painter.theme, glyphs: painter.glyphs,
        background: .bar)
    }
    guard row.y > 0 else { return }
    let above = Rect(x: row.x, y: row.y - 1, width: row.width, height: 1)
    if !entry.mistake.isEmpty {
      painter.fill(above, .bar)
      painter.on(.bar) { painter in
        _ = painter.text(" " + entry.mistake, x: above.x, y: above.y, .warning, .bold, maxWidth: above.width)
      }
    } else if let help = help, entry.completions.isEmpty {
      painter.fill(above, .bar)
      painter.on(.bar) { painter in
        _ = painter.text(" " + help, x: above.x, y: above.y, .faint, maxWidth: above.width)
      }
    } else if !entry.completions.isEmpty {
      drawCompletions(in: above, on: &painter)
    }
  }

  // What is expected.
  private var help: String? {
    switch entry.purpose {
    case .value(let hyperparameter): "\(hyperparameter.expectation). \(hyperparameter.specification.summary)"
    case .fork: "KEY=VALUE ... for what the new lane changes, such as learningRate=3e-4; enter forks"
    case .filter: "words that the lines must have; enter keeps them, esc shows all"
    case .file: "the path of an experiment; `signflip presets show NAME` prints one to start from"
    case .field(.dataset): "a data set's name, or a folder: IDX, CIFAR, images, CSV"
    case .command, .field: nil
    }
  }

  private func drawCompletions(in row: Rect, on painter: inout Painter) {
    painter.fill(row, .bar)
    painter.on(.bar) { painter in
      var x = row.x + 1
      // The chosen one shows, with what follows.
      let first = max(0, (entry.completion ?? 0) - 2)
      for (index, text) in entry.completions.enumerated().dropFirst(first) {
        let width = displayWidth(text)
        let rest = entry.completions.count - index
        let note = "\(rest) more"
        // As many as fit, and how many don't.
        let room = rest > 1 ? displayWidth(note) + 2 : 0
        if x + width + room >= row.maxX {
          painter.text(note, x: x, y: row.y, .faint, maxWidth: row.maxX - x - 1)
          break
        }
        let isChosen = index == entry.completion
        painter.text(text, x: x, y: row.y, isChosen ? .accent : .faint, isChosen ? .bold : [])
        x += width + 2
      }
      if entry.purpose == .command, entry.completions.count == 1, let help = usage {
        painter.text(help, x: x + 1, y: row.y, .faint, maxWidth: row.maxX - x - 2)
      }
    }
  }

  private var usage: String? {
    guard let name = entry.completions.first?.split(separator: " ").first,
      let action = Action(rawValue: String(name))
    else { return nil }
    let definition = ActionTable.definition(of: action)
    return "\(definition.argument.map { $0 + "  " } ?? "")\(definition.help)"
  }
}
