import Dashboard
import Foundation
import TerminalUI

/// A terminal that types a script and records its frames.
final class FakeTerminal: TerminalDevice {
  /// Called while the loop waits.
  enum Step {
    case event(InputEvent)
    case run(() -> Void)
    /// The number of times the loop waits without input.
    case idle(Int)
  }

  var size = (width: 80, height: 24)
  var hasClipboard = true
  private(set) var frames: [Frame] = []
  private(set) var timeouts: [Double] = []
  private(set) var copied: [String] = []
  private(set) var redraws = 0
  private(set) var mouse: [Bool] = []
  private var script: [Step]

  init(_ script: [Step]) { self.script = script }

  func nextEvent(timeout: Double) -> InputEvent? {
    if timeout == 0 { return nil }
    timeouts.append(timeout)
    guard let step = script.first else { return .hangup }
    switch step {
    case .event(let event):
      script.removeFirst()
      return event
    case .run(let work):
      script.removeFirst()
      work()
      Thread.sleep(forTimeInterval: min(timeout, 0.04))
      return nil
    case .idle(let count):
      script[0] = .idle(count - 1)
      if count <= 1 { script.removeFirst() }
      return nil
    }
  }

  func draw(_ frame: Frame) { frames.append(frame) }
  func redraw() { redraws += 1 }
  func copy(_ text: String) -> Bool {
    guard hasClipboard else { return false }
    copied.append(text)
    return true
  }
  func setMouse(_ isTaken: Bool) { mouse.append(isTaken) }
}
