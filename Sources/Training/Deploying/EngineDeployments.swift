import Dispatch
import EngineProtocol
import Synchronization

/// The work of an engine on copies of lanes, one after the other, and its progress.
final class EngineDeployments: Sendable {
  /// Work on a lane, which can be cancelled.
  final class Task: Sendable {
    /// The lane.
    let lane: String
    /// The work.
    let work: DeploymentFailure.Work
    private let cancellation = Mutex<Cancellation?>(nil)

    init(_ lane: String, _ work: DeploymentFailure.Work) { (self.lane, self.work) = (lane, work) }

    /// Ends the work at its next check.
    func cancel(_ reason: String?) {
      cancellation.withLock { $0 = $0 ?? Cancellation(reason: reason) }
    }

    /// - Throws: `Cancellation` if the work was cancelled.
    func check() throws { if let cancellation = cancellation.withLock({ $0 }) { throw cancellation } }
  }

  /// Why work was cancelled.
  struct Cancellation: Error {
    /// What the engine does instead; nil if a client has cancelled it.
    let reason: String?
  }

  private struct State {
    var tasks: [Task] = []
    var standing: Snapshot.Deployment?
  }

  private let state = Mutex(State())
  private let running = DispatchGroup()
  // Neither a lane nor the connection to the clients waits for the work.
  private let queue = DispatchQueue(label: "deployments")

  /// The progress of the current work; nil if there is none.
  var standing: Snapshot.Deployment? { state.withLock(\.standing) }

  /// Does work after what was begun before.
  /// - Parameter body: does the work, and returns what to do when it is no longer listed.
  func begin(_ lane: String, _ work: DeploymentFailure.Work, _ body: @escaping @Sendable (Task) -> (() -> Void)) {
    let task = Task(lane, work)
    state.withLock { $0.tasks.append(task) }
    running.enter()
    queue.async { [self] in
      state.withLock { $0.standing = Snapshot.Deployment(lane: lane, work: work) }
      let tell = body(task)
      state.withLock { state in
        state.tasks.removeAll { $0 === task }
        state.standing = nil
        tell()
      }
      running.leave()
    }
  }

  /// Updates the progress of the current work.
  /// - Parameter share: the fraction of the activity that is done; nil if unknown.
  func report(_ note: String, _ share: Double? = nil, holdsTraining: Bool = false) {
    state.withLock { state in
      state.standing?.note = note
      // Each change is sent to every client.
      state.standing?.progress = share.map { ($0 * 50).rounded(.down) / 50 }
      state.standing?.holdsTraining = holdsTraining
    }
  }

  /// Cancels all work, or all of a kind.
  /// - Returns: whether there was any.
  @discardableResult
  func cancel(_ reason: String?, only work: DeploymentFailure.Work? = nil) -> Bool {
    let tasks = state.withLock { $0.tasks.filter { work == nil || $0.work == work } }
    for task in tasks { task.cancel(reason) }
    return !tasks.isEmpty
  }

  /// Waits some seconds for the current work to end.
  func wait() { _ = running.wait(timeout: .now() + 10) }
}
