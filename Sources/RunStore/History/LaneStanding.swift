import EngineProtocol

/// How a lane of a recorded run stands.
package struct LaneStanding: Hashable, Sendable {
  /// What a lane is doing, or how it has ended.
  package enum State: String, Codable, Sendable {
    /// An engine has the run, and the lane has not ended.
    case training
    /// All epochs are done.
    case finished
    /// Somebody has stopped it.
    case stopped
    /// It has not ended, and no engine has the run: the run can be resumed.
    case interrupted
    /// Ended by an error.
    case failed
  }

  /// What it is doing, or how it has ended.
  package var state: State
  /// Updates done.
  package var step: Int
  /// Why it failed; nil where it did not.
  package var failure: String?

  /// “finished”, “failed at step 8”.
  package var short: String { state == .failed ? "failed at step \(step)" : state.rawValue }

  /// The same with the reason of a failure.
  package var words: String { short + (failure.map { ": \($0)" } ?? "") }
}

extension RunHistory {
  /// How a lane stands.
  package func standing(of lane: String) -> LaneStanding {
    let snapshot = snapshots.first { $0.name == lane }
    guard let result = results[lane] else {
      let isHeld = description.directory.flatMap { RunLock.holder(of: $0) } != nil
      return LaneStanding(state: isHeld ? .training : .interrupted, step: snapshot?.step ?? 0)
    }
    let state = result.failure != nil ? LaneStanding.State.failed : result.wasStopped ? .stopped : .finished
    return LaneStanding(state: state, step: result.steps, failure: result.failure)
  }

  /// A sentence about each lane that failed, missed changes of its steering script, or has a note to its result.
  package var remarks: [String] {
    let results = results
    return lanes.compactMap { results[$0.name] }.flatMap(\.remarks)
  }
}
