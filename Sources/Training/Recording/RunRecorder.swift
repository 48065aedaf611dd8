import Dispatch
import EngineProtocol
import Foundation
import RunStore
import Synchronization
import Tensors

/// Writes what lanes measure and report to the run's directory, on its own thread.
///
/// It reads the engine's record by cursor, as clients do. If the disk is full, the cursor stays and nothing is lost:
/// new data waits in memory until writing works again.
final class RunRecorder: Sendable {
  /// The run's directory.
  let archive: RunArchive

  private struct Request {
    var image: SafetensorsImage
    var checkpoint: Checkpoint
  }

  private struct State {
    var requests: [Request] = []
    var waiters: [DispatchSemaphore] = []
    var isStarted = false
    var isFinishing = false
    var hasEnded = false
    var cost = 0.0
    var problem: String?
    // Whether writing the newest checkpoint has failed, and this was reported.
    var failsToSave = false
    var checkpoints: [Checkpoint] = []
    // The size of the directory, and when it was measured.
    var size: (bytes: Int, time: DispatchTime)?
  }

  private let record: EngineRecord
  private let state: Mutex<State>
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// A recorder that does nothing before `start`.
  /// - Throws: `StoreError` if existing checkpoints can't be listed.
  init(_ archive: RunArchive, record: EngineRecord) throws {
    self.archive = archive
    self.record = record
    state = Mutex(State(checkpoints: try archive.checkpoints()))
    record.setArchive(archive)
  }

  /// Starts writing what comes after `position`.
  func start(after position: RunWriter.Position) {
    state.withLock { $0.isStarted = true }
    let thread = Thread { [self] in write(after: position) }
    thread.name = "recorder"
    thread.start()
  }

  /// The size of the run on disk, measured at most once a second because each snapshot contains it.
  var storage: Snapshot.Storage {
    let now = DispatchTime.now()
    let (size, problem) = state.withLock { ($0.size, $0.problem) }
    if let size, now < size.time + .seconds(1) { return Snapshot.Storage(bytes: size.bytes, problem: problem) }
    // Lanes check this state after every batch, so they must not wait for the disk.
    let bytes = archive.bytes
    state.withLock { $0.size = (bytes, now) }
    return Snapshot.Storage(bytes: bytes, problem: problem)
  }

  /// The existing checkpoints, oldest first.
  var checkpoints: [Checkpoint] { state.withLock { $0.checkpoints } }

  /// Processor seconds that writing the newest checkpoint took.
  var checkpointCost: Double { state.withLock { $0.cost } }

  /// Queues a checkpoint to be written.
  /// - Parameter isOptional: whether to skip it if others are still waiting to be written.
  /// - Returns: whether it was queued.
  @discardableResult
  func save(_ image: SafetensorsImage, as checkpoint: Checkpoint, isOptional: Bool) -> Bool {
    let pending = state.withLock { state in
      let pending = state.requests.filter { $0.checkpoint.lane == checkpoint.lane }.count
      if pending == 0 || !isOptional { state.requests.append(Request(image: image, checkpoint: checkpoint)) }
      return pending
    }
    wake.signal()
    // A lane that writes faster than the disk has to wait, which limits the memory in use.
    if pending > 1, !isOptional { commit() }
    return pending == 0 || !isOptional
  }

  /// Returns whether there is a checkpoint of a lane's branch at a step, written or queued.
  func hasCheckpoint(of lane: String, branch: Int, step: Int) -> Bool {
    state.withLock { state in
      (state.checkpoints + state.requests.map(\.checkpoint)).contains {
        ($0.lane, $0.branch, $0.step) == (lane, branch, step)
      }
    }
  }

  /// Waits until everything reported so far is written, or writing has failed.
  func commit() {
    let done = DispatchSemaphore(value: 0)
    let isWritten = state.withLock { state in
      if state.isStarted, !state.hasEnded { state.waiters.append(done) }
      return state.isStarted && !state.hasEnded
    }
    guard isWritten else { return }
    wake.signal()
    _ = done.wait(timeout: .now() + 10)
  }

  /// Writes what is left, and ends.
  /// - Returns: why not everything could be written; nil on success.
  func finish() -> String? {
    let isStarted = state.withLock { state in
      state.isFinishing = true
      return state.isStarted
    }
    guard isStarted else {
      archive.close()
      return nil
    }
    wake.signal()
    guard ended.wait(timeout: .now() + 60) == .success else { return "the disk does not answer" }
    return state.withLock { $0.problem }
  }

  // MARK: The thread

  private func write(after position: RunWriter.Position) {
    var writer = RunWriter(archive: archive, record: record, position: position)
    while true {
      _ = wake.wait(timeout: .now() + .milliseconds(writer.isStuck ? 1000 : 200))
      let (requests, waiters, isFinishing) = state.withLock { state in
        defer { (state.requests, state.waiters) = ([], []) }
        return (state.requests, state.waiters, state.isFinishing)
      }
      writer.writeNew()
      // Points are written before the checkpoint that follows them; otherwise a crash could hide that they are missing.
      for request in requests {
        if writer.isStuck { reportUnsaved(request, writer.problem ?? "") } else { save(request) }
      }
      // Writes what was reported while checkpoints were written, including that they were written.
      if !requests.isEmpty || isFinishing { writer.writeNew() }
      let problem = writer.problem
      state.withLock { $0.problem = problem }
      for waiter in waiters { waiter.signal() }
      if isFinishing { break }
    }
    writer.finish()
    archive.close()
    let waiters = state.withLock { state in
      state.hasEnded = true
      return state.waiters
    }
    for waiter in waiters { waiter.signal() }
    ended.signal()
  }

  private func save(_ request: Request) {
    let begin = RunRecorder.processorSeconds
    do {
      let written = try archive.save(request.checkpoint) { path in try request.image.write(to: path) }
      let superfluous = state.withLock { state in
        state.cost = RunRecorder.processorSeconds - begin
        state.failsToSave = false
        state.checkpoints.removeAll { $0.isSamePlace(as: written) }
        state.checkpoints.append(written)
        return RetentionRule().superfluous(state.checkpoints)
      }
      record.append(.checkpointed(written))
      for checkpoint in superfluous { delete(checkpoint) }
    } catch {
      reportUnsaved(request, "\(error)")
    }
  }

  private func reportUnsaved(_ request: Request, _ reason: String) {
    let checkpoint = request.checkpoint
    let wasTold = state.withLock { state in
      defer { state.failsToSave = true }
      return state.failsToSave
    }
    // A disk that is full for hours is reported once.
    if !wasTold { record.warn("no checkpoint of \(checkpoint.lane) at step \(checkpoint.step): \(reason)") }
  }

  // Of this thread only: waiting for the disk costs the lanes nothing.
  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func delete(_ checkpoint: Checkpoint) {
    do {
      try archive.delete(checkpoint)
      state.withLock { state in state.checkpoints.removeAll { $0.isSamePlace(as: checkpoint) } }
      record.append(
        .checkpointDeleted(lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step))
    } catch {
      record.warn("\(error)")
    }
  }
}
