import TerminalUI

/// Draws a question.
struct ConfirmationView {
  let confirmation: Confirmation

  func draw(on painter: inout Painter) {
    let bounds = painter.frame.bounds
    let answers = confirmation.choices.reduce(-4) { $0 + displayWidth(label($1)) + 4 }
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
      let key = choice.keys.first?.label ?? ""
      let used = painter.text(key, x: x, y: y, .accent, .bold, maxWidth: area.maxX - x)
      painter.text(" " + choice.title, x: x + used, y: y, maxWidth: area.maxX - x - used)
      painter.hits.add(
        Rect(x: x, y: y, width: displayWidth(label(choice)), height: 1),
        .action(Invocation(.back, choice.answer.rawValue)))
      if answers <= area.width { x += displayWidth(label(choice)) + 4 } else { y += 1 }
    }
  }

  private func label(_ choice: Confirmation.Choice) -> String {
    "\(choice.keys.first?.label ?? "") \(choice.title)"
  }
}
