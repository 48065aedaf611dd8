package import EngineProtocol
package import TerminalUI

/// The positions of elements on the screen, for the mouse.
package struct HitMap: Sendable {
  /// The target of a click.
  package enum Target: Sendable {
    /// An action with its argument.
    case action(Invocation)
    /// A hyperparameter of a lane, or of all lanes if the lane is nil.
    case knob(lane: Int?, Hyperparameter)
    /// A chart with this layout, of a lane or, if nil, of all lanes.
    case chart(lane: Int?, ChartLayout)
    /// A border between charts of an arrangement, of a lane or, if nil, of all lanes.
    case border(lane: Int?, PanelGrid.Border, PanelGrid)
    /// An experiment of the launcher.
    case experiment(Int)
    /// A field of the launcher.
    case field(LauncherField)
    /// An element of the shown view, with the number that the view assigned.
    case place(Int)
    /// A row of an overlay's list.
    case row(Int)
  }

  private var places: [(area: Rect, target: Target)] = []

  package init() {}

  /// Removes all positions.
  package mutating func removeAll() { places.removeAll(keepingCapacity: true) }

  /// Adds an element at `area`, above existing ones.
  package mutating func add(_ area: Rect, _ target: Target) { places.append((area, target)) }

  /// Returns the element at a cell, with its area.
  package func target(x: Int, y: Int) -> (area: Rect, target: Target)? {
    places.last { $0.area.contains(x: x, y: y) }
  }
}
