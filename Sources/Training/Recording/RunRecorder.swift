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

  // A thread that waits until everything reported before is on disk.
  private final class Waiter: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let answer = Mutex<String?>(nil)

    // Answers with the reason why it is not on disk; nil if it is.
    func resume(_ problem: String?) {
      answer.withLock { $0 = problem }
      done.signal()
    }

    // Waits until it is answered, and only for a limited time once `isHurried`.
    func wait(_ isHurried: () -> Bool) -> String? {
      var end = DispatchTime.distantFuture
      while done.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
        if isHurried() { end = min(end, .now() + RunRecorder.patience) }
        if end < .now() { return RunRecorder.silence }
      }
      return answer.withLock { $0 }
    }
  }

  private struct State {
    var requests: [Request] = []
    var waiters: [Waiter] = []
    var isStarted = false
    var isFinishing = false
    var hasEnded = false
    var cost = 0.0
    var problem: String?
    // When the write in progress began; nil if there is none.
    var busySince: DispatchTime?
    // Whether writing the newest checkpoint has failed, and this was reported.
    var failsToSave = false
    var checkpoints: [Checkpoint] = []
    var bytes = 0
    var freeBytes: Int?

    var isStalled: Bool { busySince.map { $0 + RunRecorder.stall < .now() } ?? false }
  }

  // A write that lasts longer is reported.
  private static let stall = DispatchTimeInterval.seconds(5)
  // How long lanes that are to end wait for the disk.
  private static let patience = DispatchTimeInterval.seconds(10)
  private static let silence = "the disk does not answer"
  private static let closed = "the run's directory is closed"

  private let record: EngineRecord
  private let state: Mutex<State>
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// A recorder that does nothing before `start`.
  /// - Throws: `StoreError` if existing checkpoints can't be listed.
  init(_ archive: RunArchive, record: EngineRecord) throws {
    self.archive = archive
    self.record = record
    state = Mutex(State(checkpoints: try archive.checkpoints(), bytes: archive.bytes))
    record.setArchive(archive)
  }

  /// Starts writing what comes after `position`.
  func start(after position: RunWriter.Position) {
    state.withLock { $0.isStarted = true }
    let thread = Thread { [self] in write(after: position) }
    thread.name = "recorder"
    thread.start()
  }

  /// The size of the run on disk, and why writing currently fails or takes long. Does not touch the disk, so that clients
  /// are served while it does not answer.
  var storage: Snapshot.Storage {
    state.withLock { state in
      let waiting = state.isStalled ? "\(Self.silence): changes and checkpoints wait for it" : nil
      return Snapshot.Storage(bytes: state.bytes, problem: waiting ?? state.problem, freeBytes: state.freeBytes)
    }
  }

  /// The existing checkpoints, oldest first.
  var checkpoints: [Checkpoint] { state.withLock { $0.checkpoints } }

  /// Processor seconds that writing the newest checkpoint took.
  var checkpointCost: Double { state.withLock { $0.cost } }

  /// Queues a checkpoint to be written.
  /// - Parameters:
  ///   - isOptional: whether to skip it if others are still waiting to be written.
  ///   - isHurried: as for `commit`.
  /// - Returns: whether it was queued.
  @discardableResult
  func save(
    _ image: SafetensorsImage, as checkpoint: Checkpoint, isOptional: Bool, isHurried: () -> Bool = { false }
  ) -> Bool {
    let pending = state.withLock { state in
      let pending = state.requests.filter { $0.checkpoint.lane == checkpoint.lane }.count
      if pending == 0 || !isOptional { state.requests.append(Request(image: image, checkpoint: checkpoint)) }
      return pending
    }
    wake.signal()
    // A lane that writes faster than the disk has to wait, which limits the memory in use.
    if pending > 1, !isOptional { _ = commit(isHurried: isHurried) }
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

  /// Waits until everything reported so far is on disk, so that it survives a power failure, or writing has failed.
  /// - Parameter isHurried: whether to wait only for a limited time if the disk does not answer; called repeatedly.
  /// - Returns: why it is not on disk; nil if it is.
  func commit(isHurried: () -> Bool = { false }) -> String? {
    let waiter = Waiter()
    let (isStarted, hasEnded) = state.withLock { state in
      if state.isStarted, !state.hasEnded { state.waiters.append(waiter) }
      return (state.isStarted, state.hasEnded)
    }
    // A run that has not started is written when it does.
    guard isStarted else { return nil }
    guard !hasEnded else { return Self.closed }
    wake.signal()
    return waiter.wait(isHurried)
  }

  /// Writes what is left, and ends.
  /// - Returns: why not everything could be written; nil on success.
  func finish() -> String? {
    let (isStarted, isStalled) = state.withLock { state in
      state.isFinishing = true
      return (state.isStarted, state.isStalled)
    }
    guard isStarted else {
      archive.close()
      return nil
    }
    wake.signal()
    let patience = isStalled ? Self.patience : .seconds(60)
    guard ended.wait(timeout: .now() + patience) == .success else { return Self.silence }
    return state.withLock { $0.problem }
  }

  // MARK: The thread

  private func write(after position: RunWriter.Position) {
    var writer = RunWriter(archive: archive, record: record, position: position)
    var measured = DispatchTime.now()
    while true {
      _ = wake.wait(timeout: .now() + .milliseconds(writer.isStuck ? 1000 : 200))
      let (requests, waiters, isFinishing) = state.withLock { state in
        defer { (state.requests, state.waiters) = ([], []) }
        state.busySince = .now()
        return (state.requests, state.waiters, state.isFinishing)
      }
      writer.writeNew()
      // Points are written before the checkpoint that follows them; otherwise a crash could hide that they are missing.
      for request in requests {
        state.withLock { $0.busySince = .now() }
        if writer.isStuck { reportUnsaved(request, writer.problem ?? "") } else { save(request) }
      }
      // Writes what was reported while checkpoints were written, including that they were written.
      if !requests.isEmpty || isFinishing { writer.writeNew() }
      let problem = writer.problem ?? (waiters.isEmpty ? nil : synchronize())
      if measured + .seconds(1) < .now() {
        measured = .now()
        measure()
      }
      if problem == nil { record.didRecord(events: writer.eventCount) }
      state.withLock { ($0.problem, $0.busySince) = (problem, nil) }
      for waiter in waiters { waiter.resume(problem) }
      if isFinishing { break }
    }
    writer.finish()
    measure()
    archive.close()
    let waiters = state.withLock { state in
      state.hasEnded = true
      return state.waiters
    }
    for waiter in waiters { waiter.resume(Self.closed) }
    ended.signal()
  }

  private func measure() {
    let bytes = archive.bytes
    var disk = statvfs()
    // In steps of 16 MiB, which are visible; each change is sent to every client.
    let free = statvfs(archive.directory, &disk) == 0 ? ((Int(disk.f_bavail) * Int(disk.f_frsize)) >> 24) << 24 : nil
    state.withLock { ($0.bytes, $0.freeBytes) = (bytes, free) }
  }

  private func synchronize() -> String? {
    do {
      try archive.synchronize()
      return nil
    } catch {
      return "\(error)"
    }
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
