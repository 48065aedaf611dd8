import EngineProtocol
import TerminalUI

/// What stands where on the screen, for the mouse.
struct HitMap: Sendable {
  /// What a click reaches.
  enum Target: Sendable {
    /// An action, with what was clicked.
    case action(Invocation)
    /// A hyperparameter of a lane, or of all lanes where the lane is nil.
    case knob(lane: Int?, Hyperparameter)
    /// A chart over these steps; the lane it belongs to, nil for all.
    case chart(lane: Int?, steps: ClosedRange<Double>)
    /// An experiment of the launcher.
    case experiment(Int)
    /// A field of the launcher.
    case field(LauncherField)
    /// A row of an overlay's list.
    case row(Int)
  }

  private var places: [(area: Rect, target: Target)] = []

  /// Forgets all.
  mutating func removeAll() { places.removeAll(keepingCapacity: true) }

  /// Notes what stands at `area`, over what was noted there before.
  mutating func add(_ area: Rect, _ target: Target) { places.append((area, target)) }

  /// What stands at a cell, with its area.
  func target(x: Int, y: Int) -> (area: Rect, target: Target)? {
    places.last { $0.area.contains(x: x, y: y) }
  }
}
