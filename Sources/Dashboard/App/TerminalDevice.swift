package import TerminalUI

/// What the run loop needs of a terminal.
package protocol TerminalDevice: AnyObject {
  /// The columns and rows now.
  var size: (width: Int, height: Int) { get }
  /// Waits for what the person does next.
  /// - Parameter timeout: seconds to wait at most.
  /// - Returns: nil when nothing was done in that time.
  func nextEvent(timeout: Double) -> InputEvent?
  /// Shows a frame.
  func draw(_ frame: Frame)
  /// Shows the last frame anew, whatever stands on the screen.
  func redraw()
  /// Sends a text to the clipboard.
  /// - Returns: whether it was sent: not every terminal has a clipboard.
  func copy(_ text: String) -> Bool
  /// Takes the mouse, or leaves it to the terminal.
  func setMouse(_ isTaken: Bool)
}
