package import EngineProtocol
package import TerminalUI

/// What stands where on the screen, for the mouse.
package struct HitMap: Sendable {
  /// What a click reaches.
  package enum Target: Sendable {
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
    /// A place of the view that is shown, by the number that the view gave it.
    case place(Int)
    /// A row of an overlay's list.
    case row(Int)
  }

  private var places: [(area: Rect, target: Target)] = []

  package init() {}

  /// Forgets all.
  package mutating func removeAll() { places.removeAll(keepingCapacity: true) }

  /// Notes what stands at `area`, over what was noted there before.
  package mutating func add(_ area: Rect, _ target: Target) { places.append((area, target)) }

  /// What stands at a cell, with its area.
  package func target(x: Int, y: Int) -> (area: Rect, target: Target)? {
    places.last { $0.area.contains(x: x, y: y) }
  }
}
