/// Which lanes a change speaks to.
package enum Focus: Hashable, Sendable {
  /// All lanes at once.
  case all
  /// The lane at this place.
  case lane(Int)

  /// Whether the lane at `index` is in focus.
  package func contains(_ index: Int) -> Bool {
    switch self {
    case .all: true
    case .lane(let place): place == index
    }
  }
}
