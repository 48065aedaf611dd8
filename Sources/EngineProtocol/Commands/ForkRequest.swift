/// A new lane that is to go on from a checkpoint of another.
package struct ForkRequest: Hashable, Sendable {
  /// The lane that the checkpoint is of.
  package var lane: String
  /// The checkpoint's branch.
  package var branch: Int
  /// The checkpoint's step.
  package var step: Int
  /// The new lane's name; nil for the parent's with a number.
  package var name: String?
  /// What is changed in the new lane at its first step.
  package var settings: [HyperparameterSetting]

  /// A fork of a checkpoint.
  package init(lane: String, branch: Int, step: Int, name: String? = nil, settings: [HyperparameterSetting] = []) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.name = name
    self.settings = settings
  }
}
