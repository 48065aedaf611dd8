package import EngineProtocol

/// An engine that runs on this machine.
package struct EngineInfo: Hashable, Sendable {
  /// The path of its socket.
  package var path: String
  /// Its welcome; nil if it does not answer.
  package var welcome: Welcome?
  /// Its state; nil if it does not answer.
  package var snapshot: Snapshot?

  /// The process at the socket, and why it is silent; nil if it answers or was not found.
  package var silence: EngineSilence?
  /// Why this version cannot communicate with it; nil if it can.
  package var problem: String?

  /// An engine at a socket.
  package init(
    path: String, welcome: Welcome? = nil, snapshot: Snapshot? = nil, silence: EngineSilence? = nil,
    problem: String? = nil
  ) {
    self.path = path
    self.welcome = welcome
    self.snapshot = snapshot
    self.silence = silence
    self.problem = problem
  }

  /// The engine's process ID; nil if unknown.
  package var process: Int32? { welcome?.process ?? silence?.process }

  /// Whether it is training, or does not answer.
  package var trains: Bool {
    switch snapshot?.phase {
    case .preparing, .training, nil: true
    case .idle, .finished, .failed: false
    }
  }

  /// Its state in one line: “training: baseline 3.2 of 50 epochs, binary 3.1 of 50 epochs”.
  package var summary: String {
    guard let snapshot else { return problem ?? silence?.words ?? "does not answer" }
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
    case .waiting(let words): "waiting for \(words.firstLine)"
    case .testing: "testing"
    case .finished: "finished"
    case .stopped: "stopped"
    case .failed(let words): "failed (\(words.firstLine))"
    }
  }
}

extension Snapshot.Phase {
  fileprivate var words: String {
    switch self {
    case .idle: "idle"
    case .preparing(let stage): "preparing (\(stage.words))"
    case .training: "training"
    case .finished: "finished"
    case .failed(let words): "failed (\(words.firstLine))"
    }
  }
}

extension String {
  fileprivate var firstLine: Substring { prefix { !$0.isNewline } }
}
