/// A request to write a note on a lane into the run's journal.
package struct NoteRequest: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The branch of the step; nil for the lane's current history.
  package var branch: Int?
  /// The step that the note is about; nil for the lane's newest.
  package var step: Int?
  /// The note: one line of 1 to `mostCharacters` characters.
  package var text: String

  /// The length of the longest note.
  package static let mostCharacters = 500

  /// A note on a lane.
  package init(lane: String, branch: Int? = nil, step: Int? = nil, text: String) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.text = text
  }
}
