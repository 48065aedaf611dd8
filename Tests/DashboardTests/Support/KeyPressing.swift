import Dashboard
import TerminalUI

/// A dashboard with a simulated clock, on whose keys a test presses.
protocol KeyPressing {
  var dashboard: Dashboard { get set }
  var now: Double { get set }
  /// Does what the dashboard asks for.
  mutating func perform(_ effects: [Effect])
}

extension KeyPressing {
  mutating func press(_ keys: Key...) {
    for key in keys {
      now += 0.01
      perform(dashboard.handle(.key(key), now: now))
    }
  }

  mutating func type(_ text: String) {
    for character in text { press(.character(character)) }
  }

  mutating func mouse(_ kind: MouseEvent.Kind, x: Int, y: Int) {
    perform(dashboard.handle(.mouse(MouseEvent(kind, x: x, y: y)), now: now))
  }
}
