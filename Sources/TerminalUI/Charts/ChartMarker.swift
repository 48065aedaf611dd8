/// An event at a step: a vertical line with a word beside it.
package struct ChartMarker: Hashable, Sendable {
  /// When it happened.
  package var step: Int
  /// What happened, in few words.
  package var label: String
  /// The colour of the line and the word.
  package var color: Color

  /// An event at `step`.
  package init(step: Int, label: String, color: Color) {
    self.step = step
    self.label = label
    self.color = color
  }
}
