import CursesBackend
import Dashboard
import TerminalUI

/// Adapts the terminal to the dashboard.
final class DashboardTerminal: TerminalDevice {
  private let terminal: CursesTerminal

  init(_ terminal: CursesTerminal) { self.terminal = terminal }

  var size: (width: Int, height: Int) { terminal.size }

  func nextEvent(timeout: Double) -> InputEvent? {
    terminal.nextEvent(timeoutMilliseconds: Int((timeout * 1000).rounded(.up)))
  }

  func draw(_ frame: Frame) { terminal.draw(frame) }

  func redraw() { terminal.redraw() }

  func copy(_ text: String) -> Bool { terminal.copy(text) }

  func setMouse(_ isTaken: Bool) { terminal.setMouse(isTaken) }
}
