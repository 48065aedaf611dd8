/// Names a branch of a lane.
package struct BranchKey: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The branch's number.
  package var branch: Int

  /// A branch of a lane.
  package init(lane: String, branch: Int) {
    self.lane = lane
    self.branch = branch
  }
}
