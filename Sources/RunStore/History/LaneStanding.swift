import EngineProtocol

/// The state of a lane in a recorded run.
package struct LaneStanding: Hashable, Sendable {
  /// What a lane is doing, or how it has ended.
  package enum State: String, Codable, Sendable {
    /// An engine is running the run, and the lane has not ended.
    case training
    /// All epochs are done.
    case finished
    /// It was stopped.
    case stopped
    /// It has not ended, and no engine is running the run, so it can be resumed.
    case interrupted
    /// Ended by an error.
    case failed
  }

  /// What it is doing, or how it has ended.
  package var state: State
  /// Updates done.
  package var step: Int
  /// Why it failed; nil if it did not.
  package var failure: String?

  /// “finished”, “failed at step 8”.
  package var short: String { state == .failed ? "failed at step \(step)" : state.rawValue }

  /// The same, with the reason of a failure.
  package var words: String { short + (failure.map { ": \($0)" } ?? "") }
}

extension RunHistory {
  /// Returns the state of a lane.
  package func standing(of lane: String) -> LaneStanding {
    let snapshot = snapshots.first { $0.name == lane }
    guard let result = results[lane] else {
      let isHeld = description.directory.flatMap { RunLock.holder(of: $0) } != nil
      return LaneStanding(state: isHeld ? .training : .interrupted, step: snapshot?.step ?? 0)
    }
    let state = result.failure != nil ? LaneStanding.State.failed : result.wasStopped ? .stopped : .finished
    return LaneStanding(state: state, step: result.steps, failure: result.failure)
  }

  /// A sentence about each lane that failed, missed changes of its steering script, or has a note on its result.
  package var remarks: [String] {
    let results = results
    return lanes.compactMap { results[$0.name] }.flatMap(\.remarks)
  }
}
