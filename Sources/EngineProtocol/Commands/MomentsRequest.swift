/// A request to compare two checkpoints of a lane.
package struct MomentsRequest: Hashable, Codable, Sendable {
  /// A checkpoint of the lane.
  package struct Place: Hashable, Codable, Sendable {
    /// The branch.
    package var branch: Int
    /// Updates done.
    package var step: Int

    /// The checkpoint of a branch at a step.
    package init(branch: Int, step: Int) { (self.branch, self.step) = (branch, step) }
  }

  /// The lane's name.
  package var lane: String
  /// One checkpoint.
  package var first: Place
  /// The other one.
  package var second: Place

  /// A comparison of two checkpoints.
  package init(lane: String, first: Place, second: Place) {
    (self.lane, self.first, self.second) = (lane, first, second)
  }
}
