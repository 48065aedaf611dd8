import TerminalUI

/// The box of an overlay in the middle of the screen, or all of a small screen.
enum OverlayBox {
  /// Clears the box and draws its border.
  /// - Returns: what is inside the border.
  static func draw(
    title: String, note: String = "", width: Int, height: Int, on painter: inout Painter
  ) -> Rect {
    let bounds = painter.frame.bounds
    // On the smallest screens it has all of it, without a border that would take most of what there is.
    guard bounds.width >= 24, bounds.height >= 7 else {
      painter.fill(bounds, .background)
      painter.frame.focus = bounds
      return bounds
    }
    let area = bounds.centered(width: width, height: height)
    painter.fill(area, .background)
    painter.frame.focus = area
    let notes = note.isEmpty ? [] : [painter.piece(note, .faint)]
    painter.frame.border(
      area, title: [painter.piece(title, .strong, .bold)], trailing: notes, style: painter.style(.focus),
      glyphs: painter.glyphs)
    return area.inset(left: 2, top: 1, right: 2, bottom: 1)
  }
}
