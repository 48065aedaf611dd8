import EngineProtocol
package import TerminalUI

/// What lies over a screen and takes the keys first: a component with its own events, drawing and cursor.
package protocol Overlay: Sendable {
  /// Takes a key.
  mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate
  /// Takes what the mouse does.
  /// - Parameter target: the part of the overlay under the mouse.
  mutating func take(_ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard) -> OverlayFate
  /// Takes pasted text.
  mutating func take(_ pasted: PastedText, _ dashboard: inout Dashboard)
  /// Takes Ctrl-C.
  mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate

  /// Draws over the screen, and sets the terminal's cursor where text is typed.
  mutating func draw(on painter: inout Painter, _ dashboard: Dashboard)
  /// What its keys do, for the foot of the screen.
  func hints(_ dashboard: Dashboard) -> [Footer.Hint]

  /// Whether it is closed when the engine stops answering, answers again, or is lost: its question has changed then.
  var isAboutEngine: Bool { get }
  /// Whether it is closed when every lane has ended: there is nothing left to ask.
  var isAboutTraining: Bool { get }
}

extension Overlay {
  package mutating func take(
    _ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard
  ) -> OverlayFate { .stays }
  package mutating func take(_ pasted: PastedText, _ dashboard: inout Dashboard) {}
  package mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate { .closes }
  package var isAboutEngine: Bool { false }
  package var isAboutTraining: Bool { false }
}

/// What becomes of an overlay after an event.
package enum OverlayFate: Hashable, Sendable {
  /// It stays open, unless it has opened another one.
  case stays
  /// It is closed.
  case closes
}

extension Dashboard {
  /// Opens an overlay in the place of the one that is open.
  mutating func open(_ overlay: any Overlay) { self.overlay = overlay }

  /// Lets the overlay take an event.
  mutating func withOverlay(_ event: (inout any Overlay, inout Dashboard) -> OverlayFate) {
    guard var open = overlay else { return }
    // What it opens while it takes the event stays open in its place.
    overlay = nil
    if event(&open, &self) == .stays, overlay == nil { overlay = open }
  }
}

extension Footer.Hint {
  static let choose = Footer.Hint(keys: Key.up.label + Key.down.label, title: "choose")
  static func key(_ key: Key, _ title: String) -> Footer.Hint { Footer.Hint(keys: key.label, title: title) }
}

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
