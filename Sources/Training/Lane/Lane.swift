import Datasets
import EngineProtocol
import Foundation
import RunStore
import Synchronization
import Tensors
import TrainingMetrics

/// A network that is trained on its own thread. It validates after each epoch, keeps the best weights, and reads its
/// mailbox between two batches.
final class Lane: Sendable {
  /// State shared by the lanes of a run.
  struct Surroundings: Sendable {
    /// The images.
    var data: LaneData
    /// The experiment's seed.
    var seed: UInt64
    /// Number of threads.
    var threads: Int
    /// Writes checkpoints; nil if the run is not recorded.
    var recorder: RunRecorder?
    /// The published weights of teachers.
    var ledger: TeacherLedger
    /// Holds the lanes while something is measured.
    var hold: TrainingHold
    /// Reports an event, on the lane's thread.
    var report: @Sendable (EngineEvent) -> Void
    /// Reports an event that must be written to disk before clients see it; returns when it is written, or can't be.
    /// - Parameter isHurried: whether to wait only for a limited time; called repeatedly.
    var reportDurably: @Sendable (_ event: EngineEvent, _ isHurried: () -> Bool) -> Void
    /// Called when the lane's thread ends, after the last event.
    var didEnd: @Sendable () -> Void
  }

  /// The initial plan.
  let plan: LanePlan
  /// The orders to the lane.
  let mailbox = LaneMailbox()
  /// The lane's measurements and state.
  let record: LaneRecord
  /// State shared by the lanes of the run.
  let surroundings: Surroundings
  /// The lane's changes in the steering script.
  let steering: [ScriptedChange]

  private let isRunning = Atomic<Bool>(true)
  private let lastWeights = Mutex<SafetensorsImage?>(nil)
  // The highest branch number; each rewind uses the next one.
  private let newestBranch = Atomic<Int>(1)

  /// A lane, which does nothing before `start`.
  init(_ plan: LanePlan, _ surroundings: Surroundings, steering: [ScriptedChange] = []) {
    self.plan = plan
    self.surroundings = surroundings
    self.steering = steering
    if let teacher = plan.distillation?.teacher { surroundings.ledger.enrol(mailbox, with: teacher) }
    record = LaneRecord(
      LaneSnapshot(
        name: plan.name, state: .validating, epochs: plan.epochs,
        stepsPerEpoch: Lane.steps(images: surroundings.data.split.training.count, batch: plan.batchSize),
        hyperparameters: plan.settings()))
  }

  /// The lane's name.
  var name: String { plan.name }

  /// Whether the lane's thread has ended.
  var hasEnded: Bool { !isRunning.load(ordering: .acquiring) }

  /// The weights of an ended lane whose run is not recorded, as `LaneTrainer.weights()` gives them; nil otherwise.
  var weightsAtEnd: SafetensorsImage? { lastWeights.withLock { $0 } }

  /// Returns the number of a new branch.
  func nextBranch() -> Int { newestBranch.add(1, ordering: .relaxed).newValue }

  /// Sets whether a thread is or will be running for the lane.
  func setRunning(_ value: Bool) { isRunning.store(value, ordering: .releasing) }

  /// Restores the lane's history from a run's directory.
  func restore(_ history: RunHistory, newestBranch number: Int, goesOn: Bool) {
    newestBranch.store(number, ordering: .relaxed)
    record.restore(history)
    if var snapshot = history.snapshots.first(where: { $0.name == name }) {
      if goesOn { snapshot.state = .training }
      record.publish(snapshot)
    }
    setRunning(goesOn)
  }

  /// Starts the lane's thread, or restarts it after it has ended.
  /// - Parameter first: an order to carry out before the first batch.
  func start(_ start: LaneStart, first: LaneMailbox.Message? = nil) {
    setRunning(true)
    mailbox.reopen()
    if let first { _ = mailbox.post(first.order, from: first.sender) }
    // Training uses a thread, because it would block Swift's cooperative pool.
    let thread = Thread { [self] in
      Lane.makeThreadABackgroundOne(named: "lane \(name)")
      let trainer = LaneTrainer(
        plan, surroundings, mailbox: mailbox, record: record, steering: steering, start: start)
      trainer.run()
      lastWeights.withLock { $0 = trainer.lastWeights }
      setRunning(false)
      surroundings.didEnd()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Returns the number of updates per epoch of `images` images.
  static func steps(images: Int, batch: Int) -> Int { (images + batch - 1) / batch }

  // The thread that owns the terminal handles signals, and the screen has priority over training.
  private static func makeThreadABackgroundOne(named name: String) {
    // The thread's name in debuggers and monitors, at most 15 bytes. Foundation's setter has a race with the thread's
    // start.
    let comm = FileHandle(forWritingAtPath: "/proc/thread-self/comm")
    try? comm?.write(contentsOf: Data(name.utf8.prefix(15)))
    var signals = sigset_t()
    sigfillset(&signals)
    for fault in [SIGSEGV, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGTRAP] { sigdelset(&signals, fault) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let thread = __priority_which_t(PRIO_PROCESS.rawValue)
    setpriority(thread, 0, min(19, getpriority(thread, 0) + 5))
  }
}
