package import EngineProtocol

/// A hyperparameter of one lane: a place in the panel of hyperparameters.
package struct Knob: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The hyperparameter.
  package var hyperparameter: Hyperparameter

  /// A hyperparameter of a lane.
  package init(_ lane: String, _ hyperparameter: Hyperparameter) {
    self.lane = lane
    self.hyperparameter = hyperparameter
  }
}
