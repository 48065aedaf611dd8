import TerminalUI

/// Draws a question.
struct ConfirmationView {
  let confirmation: Confirmation

  func draw(on painter: inout Painter) {
    let bounds = painter.frame.bounds
    let width = min(bounds.width, max(displayWidth(confirmation.explanation), displayWidth(confirmation.question)) + 6)
    let lines = TextWrap.lines(confirmation.explanation, width: max(1, width - 4))
    let isRoomy = bounds.height >= lines.count + 7
    let area = OverlayBox.draw(
      title: confirmation.question, width: width, height: lines.count + (isRoomy ? 6 : 3), on: &painter)
    guard !area.isEmpty else { return }
    var y = area.y + (isRoomy ? 1 : 0)
    // On the smallest screens the question stands alone with its answers.
    if area.height < lines.count + 1 || area.height == painter.frame.height {
      painter.text(confirmation.question, x: area.x, y: area.y, .strong, .bold, maxWidth: area.width)
      y = area.y + 1
    } else {
      for line in lines {
        painter.text(line, x: area.x, y: y, maxWidth: area.width)
        y += 1
      }
      if isRoomy { y += 1 }
    }
    let yes = painter.text("y", x: area.x, y: y, .accent, .bold) + painter.text(" yes", x: area.x + 1, y: y)
    painter.hits.add(Rect(x: area.x, y: y, width: yes, height: 1), .action(Invocation(.quit, "yes")))
    let x = area.x + yes + 4
    let no = painter.text("n", x: x, y: y, .accent, .bold) + painter.text(" no", x: x + 1, y: y)
    painter.hits.add(Rect(x: x, y: y, width: no, height: 1), .action(Invocation(.back, "no")))
  }
}
