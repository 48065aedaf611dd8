/// The lanes that a command speaks to.
package enum LaneSelection: Hashable, Sendable {
  /// Every lane of the experiment.
  case all
  /// The lane of this name.
  case lane(String)
}
