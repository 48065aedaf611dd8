/// A short message at the foot of the screen, for a few seconds.
package struct Toast: Hashable, Sendable {
  /// What it says.
  package var text: String
  /// How much it matters, and so its colour.
  package var weight: LogEntry.Weight
  /// When it goes, in the dashboard's seconds.
  package var until: Double
}
