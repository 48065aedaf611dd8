import EngineProtocol
import TerminalUI

extension Snapshot.Phase {
  /// Whether the run failed as a whole.
  var isFailure: Bool { if case .failed = self { true } else { false } }
  /// Whether lanes are being prepared.
  var isPreparation: Bool { if case .preparing = self { true } else { false } }
}

/// The screen before there are lanes: the current preparation, or why it failed.
struct PreparingView {
  let phase: Snapshot.Phase
  let now: Double

  func draw(in area: Rect, on painter: inout Painter) {
    guard area.height > 0 else { return }
    let middle = area.y + area.height / 2
    switch phase {
    case .failed(let reason):
      let lines = TextWrap.lines(reason, width: max(1, min(76, area.width - 4)))
      let top = max(area.y, middle - lines.count / 2)
      for (row, line) in lines.enumerated() where top + row < area.maxY {
        painter.centered([painter.piece(line, .bad)], in: Rect(x: area.x, y: top + row, width: area.width, height: 1))
      }
    case .idle, .preparing, .training, .finished:
      var text = "starting the engine"
      if case .preparing(let stage) = phase, !stage.words.isEmpty { text = stage.words }
      let row = Rect(x: area.x, y: middle, width: area.width, height: 1)
      painter.centered([painter.piece(text, .text)], in: row)
      guard area.height >= 3 else { return }
      // A moving light shows activity of unknown duration.
      let width = min(24, area.width - 2)
      guard width > 4 else { return }
      let span = width - 4
      let phase = Int(now * 8) % (2 * span)
      let place = phase < span ? phase : 2 * span - phase
      let x = area.x + (area.width - width) / 2
      for column in 0..<width {
        let isLit = column >= place && column < place + 4
        painter.frame[x + column, middle + 1] = Cell(
          isLit ? painter.glyphs.progressDone : painter.glyphs.progressRest,
          style: painter.style(isLit ? .accent : .border))
      }
    }
  }
}
