import TerminalUI

/// The program's name in large letters.
enum Wordmark {
  private static let lines = [
    "┏━┓╻┏━╸┏┓╻┏━╸╻  ╻┏━┓",
    "┗━┓┃┃╺┓┃┗┫┣╸ ┃  ┃┣━┛",
    "┗━┛╹┗━┛╹ ╹╹  ┗━╸╹╹",
  ]

  /// The rows that it takes, with what it says below.
  static let height = 5

  /// Draws the name and what the program does at the left of `area`.
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
