package import EngineProtocol
package import TerminalUI

/// A component on top of the screen that receives events first: it has its own event handling, drawing and cursor.
package protocol Overlay: Sendable {
  /// Handles a key.
  mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate
  /// Handles a mouse event.
  /// - Parameter target: the element of the overlay under the mouse.
  mutating func take(_ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard) -> OverlayFate
  /// Handles pasted text.
  mutating func take(_ pasted: PastedText, _ dashboard: inout Dashboard)
  /// Handles an event of the engine.
  mutating func take(_ event: EngineEvent, _ dashboard: inout Dashboard)
  /// Handles Ctrl-C.
  mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate

  /// Draws the overlay, and places the terminal's cursor if text is typed.
  mutating func draw(on painter: inout Painter, _ dashboard: Dashboard)
  /// Hints for the footer.
  func hints(_ dashboard: Dashboard) -> [Footer.Hint]

  /// Whether it closes when the engine stops answering, answers again, or is lost, because its question is then
  /// outdated.
  var isAboutEngine: Bool { get }
  /// Whether it closes when every lane has ended, because its question is then outdated.
  var isAboutTraining: Bool { get }
}

extension Overlay {
  package mutating func take(
    _ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard
  ) -> OverlayFate { .stays }
  package mutating func take(_ pasted: PastedText, _ dashboard: inout Dashboard) {}
  package mutating func take(_ event: EngineEvent, _ dashboard: inout Dashboard) {}
  package mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate { .closes }
  package var isAboutEngine: Bool { false }
  package var isAboutTraining: Bool { false }
}

/// Whether an overlay closes after an event.
package enum OverlayFate: Hashable, Sendable {
  /// It stays open, unless it has opened another one.
  case stays
  /// It is closed.
  case closes
}

extension Dashboard {
  /// Opens an overlay, replacing an open one.
  mutating func open(_ overlay: any Overlay) { self.overlay = overlay }

  /// Lets the overlay handle an event.
  mutating func withOverlay(_ event: (inout any Overlay, inout Dashboard) -> OverlayFate) {
    guard var open = overlay else { return }
    // An overlay that it opens meanwhile replaces it.
    overlay = nil
    if event(&open, &self) == .stays, overlay == nil { overlay = open }
  }
}

extension Footer.Hint {
  static let choose = Footer.Hint(keys: Key.up.label + Key.down.label, title: "choose")
  static func key(_ key: Key, _ title: String) -> Footer.Hint { Footer.Hint(keys: key.label, title: title) }
}

/// The box of an overlay in the center of the screen, or the whole of a small screen.
enum OverlayBox {
  /// Clears the box and draws its border.
  /// - Returns: the area inside the border.
  static func draw(
    title: String, note: String = "", width: Int, height: Int, on painter: inout Painter
  ) -> Rect {
    let bounds = painter.frame.bounds
    // The smallest screens are used completely, without a border.
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
