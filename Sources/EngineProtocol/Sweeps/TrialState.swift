/// Where a trial of a sweep stands.
package enum TrialState: String, Hashable, Codable, Sendable, CaseIterable {
  /// A process trains it.
  case training
  /// It was never started.
  case waiting
  /// It was interrupted, and goes on from its checkpoint when the sweep is resumed.
  case interrupted
  /// Halving has compared it, and may let it go on.
  case held
  /// It was trained to its last epoch.
  case finished
  /// A user has stopped it.
  case stopped
  /// A lane has failed.
  case failed

  /// Whether it needs no more training.
  package var hasEnded: Bool { self == .finished || self == .stopped || self == .failed }
}
