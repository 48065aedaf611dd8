import TerminalUI

/// Draws a question, with a mark before the answer that enter gives.
struct ConfirmationView {
  let confirmation: Confirmation

  func draw(on painter: inout Painter) {
    let bounds = painter.frame.bounds
    let answers = confirmation.choices.reduce(-Self.gap) { $0 + Self.markWidth + displayWidth(label($1)) + Self.gap }
    let wanted = max(displayWidth(confirmation.explanation), displayWidth(confirmation.question), answers)
    let boxWidth = min(bounds.width, wanted + 6)
    let lines = TextWrap.lines(confirmation.explanation, width: max(1, boxWidth - 4))
    let answerRows = answers <= boxWidth - 4 ? 1 : confirmation.choices.count
    let isRoomy = bounds.height >= lines.count + answerRows + 6
    let area = OverlayBox.draw(
      title: confirmation.question, width: boxWidth, height: lines.count + answerRows + (isRoomy ? 5 : 2), on: &painter)
    guard !area.isEmpty else { return }
    var y = area.y + (isRoomy ? 1 : 0)
    // On the smallest screens the question stands alone with its answers.
    if area.height < lines.count + answerRows || area.height == painter.frame.height {
      painter.text(confirmation.question, x: area.x, y: area.y, .strong, .bold, maxWidth: area.width)
      y = area.y + 1
    } else {
      for line in lines {
        painter.text(line, x: area.x, y: y, maxWidth: area.width)
        y += 1
      }
      if isRoomy { y += 1 }
    }
    // Side by side where they fit, else below each other as far as there are rows.
    var x = area.x
    for choice in confirmation.choices where y < area.maxY {
      let isChosen = choice.answer == confirmation.chosen
      let width = Self.markWidth + displayWidth(label(choice))
      let place = Rect(x: x, y: y, width: min(width, area.maxX - x), height: 1)
      if isChosen { painter.fill(place, .selection) }
      painter.on(isChosen ? .selection : painter.ground) { painter in
        let mark = isChosen ? "\(painter.glyphs.selected) " : "  "
        let pieces = [
          painter.piece(mark, .accent), painter.piece(choice.keys.first?.label ?? "", .accent, .bold),
          painter.piece(" " + choice.title, isChosen ? .strong : .text, isChosen ? .bold : []),
        ]
        painter.frame.text(pieces, x: x, y: y, maxWidth: place.width)
      }
      painter.hits.add(place, .action(Invocation(.back, choice.answer.rawValue)))
      if answers <= area.width { x += width + Self.gap } else { y += 1 }
    }
  }

  private static let markWidth = 2
  private static let gap = 3

  private func label(_ choice: Confirmation.Choice) -> String {
    "\(choice.keys.first?.label ?? "") \(choice.title)"
  }
}
