import Dispatch
import EngineProtocol
import Foundation
import RunStore
import Synchronization
import Tensors

/// Writes what lanes measure and tell to the run's directory, on a thread of its own.
///
/// It reads the engine's record by cursor like any client, so a disk that is full loses nothing: the cursor stays, and
/// what is new waits in memory until the disk is back.
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
    // Whether the newest checkpoint could not be written, and that was told.
    var failsToSave = false
    var checkpoints: [Checkpoint] = []
    // What the directory took, and when.
    var size: (bytes: Int, time: DispatchTime)?
  }

  private let record: EngineRecord
  private let state: Mutex<State>
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// A recorder that does nothing before `start`.
  /// - Throws: `StoreError` where the checkpoints that are there can't be listed.
  init(_ archive: RunArchive, record: EngineRecord) throws {
    self.archive = archive
    self.record = record
    state = Mutex(State(checkpoints: try archive.checkpoints()))
    record.setArchive(archive)
  }

  /// Starts to write what comes after `position`.
  func start(after position: RunWriter.Position) {
    state.withLock { $0.isStarted = true }
    let thread = Thread { [self] in write(after: position) }
    thread.name = "recorder"
    thread.start()
  }

  /// What the run takes on the disk, as it was up to a second ago: each snapshot asks, and the folder is read for it.
  var storage: Snapshot.Storage {
    let now = DispatchTime.now()
    let (size, problem) = state.withLock { ($0.size, $0.problem) }
    if let size, now < size.time + .seconds(1) { return Snapshot.Storage(bytes: size.bytes, problem: problem) }
    // Lanes look at the state after every batch: they must not wait for the disk.
    let bytes = archive.bytes
    state.withLock { $0.size = (bytes, now) }
    return Snapshot.Storage(bytes: bytes, problem: problem)
  }

  /// The checkpoints there are, oldest first.
  var checkpoints: [Checkpoint] { state.withLock { $0.checkpoints } }

  /// Seconds of the processor that the newest checkpoint took to write.
  var checkpointCost: Double { state.withLock { $0.cost } }

  /// Leaves a checkpoint to be written.
  /// - Parameter isOptional: whether it may be left out while others are still to be written.
  /// - Returns: whether it is to be written.
  @discardableResult
  func save(_ image: SafetensorsImage, as checkpoint: Checkpoint, isOptional: Bool) -> Bool {
    let pending = state.withLock { state in
      let pending = state.requests.filter { $0.checkpoint.lane == checkpoint.lane }.count
      if pending == 0 || !isOptional { state.requests.append(Request(image: image, checkpoint: checkpoint)) }
      return pending
    }
    wake.signal()
    // A lane that asks faster than the disk writes waits for it: the memory is bounded.
    if pending > 1, !isOptional { commit() }
    return pending == 0 || !isOptional
  }

  /// Whether there is a checkpoint of a lane's branch at a step, written or about to be.
  func hasCheckpoint(of lane: String, branch: Int, step: Int) -> Bool {
    state.withLock { state in
      (state.checkpoints + state.requests.map(\.checkpoint)).contains {
        ($0.lane, $0.branch, $0.step) == (lane, branch, step)
      }
    }
  }

  /// Waits until all that was told so far is written, or has failed to be.
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

  /// Writes what is left and ends.
  /// - Returns: why not all could be written; nil where all is well.
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
      // A checkpoint before the points that lead to it would hide that they are missing.
      for request in requests {
        if writer.isStuck { reportUnsaved(request, writer.problem ?? "") } else { save(request) }
      }
      // What was told while checkpoints were written, that they were written included.
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
    // A disk that is full for hours is one piece of news.
    if !wasTold { record.warn("no checkpoint of \(checkpoint.lane) at step \(checkpoint.step): \(reason)") }
  }

  // Of this thread: a wait for the disk costs the lanes nothing.
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
