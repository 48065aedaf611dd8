package import EngineProtocol

/// An engine that runs on this machine.
package struct EngineInfo: Hashable, Sendable {
  /// Its socket.
  package var path: String
  /// Who it is; nil where it listens and doesn't answer.
  package var welcome: Welcome?
  /// How it stands; nil where it doesn't answer.
  package var snapshot: Snapshot?

  /// An engine at a socket.
  package init(path: String, welcome: Welcome? = nil, snapshot: Snapshot? = nil) {
    self.path = path
    self.welcome = welcome
    self.snapshot = snapshot
  }

  /// How it stands in a line: “training: baseline 3.2 of 50 epochs, binary 3.1 of 50 epochs”.
  package var summary: String {
    guard let snapshot else { return "does not answer" }
    let lanes = snapshot.lanes.map { lane in
      let state = lane.state == .training ? "" : " \(lane.state.words)"
      return "\(lane.name) \((lane.epoch * 10).rounded(.down) / 10) of \(lane.epochs) epochs\(state)"
    }
    return snapshot.phase.words + (lanes.isEmpty ? "" : ": " + lanes.joined(separator: ", "))
  }
}

extension LaneSnapshot.State {
  fileprivate var words: String {
    switch self {
    case .training: "training"
    case .validating: "validating"
    case .paused: "paused"
    case .testing: "testing"
    case .finished: "finished"
    case .stopped: "stopped"
    case .failed(let words): "failed (\(words))"
    }
  }
}

extension Snapshot.Phase {
  fileprivate var words: String {
    switch self {
    case .idle: "idle"
    case .preparing(let words): "preparing (\(words))"
    case .training: "training"
    case .finished: "finished"
    case .failed(let words): "failed (\(words))"
    }
  }
}
