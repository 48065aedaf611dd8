import Datasets
import EngineProtocol
import Foundation
import RunStore
import Synchronization
import Tensors
import TrainingMetrics

/// One network on a thread of its own: trains, validates each epoch, keeps the best weights, and reads its mailbox
/// between two batches.
final class Lane: Sendable {
  /// What the lanes of a run share.
  struct Surroundings: Sendable {
    /// The images.
    var data: LaneData
    /// The experiment's seed.
    var seed: UInt64
    /// Threads to compute with.
    var threads: Int
    /// Where checkpoints go; nil where the run is not recorded.
    var recorder: RunRecorder?
    /// The weights of lanes that others learn from.
    var ledger: TeacherLedger
    /// Takes the lane's events, on the lane's thread.
    var report: @Sendable (EngineEvent) -> Void
    /// Takes events that must be written before any client gets them; returns when they are.
    var reportDurably: @Sendable (EngineEvent) -> Void
    /// Called when the lane's thread ends, after the last event.
    var didEnd: @Sendable () -> Void
  }

  /// The plan with which the lane begins.
  let plan: LanePlan
  /// The orders for the lane.
  let mailbox = LaneMailbox()
  /// The measurements and the state of the lane.
  let record: LaneRecord
  /// What the lanes of the run share.
  let surroundings: Surroundings
  /// The changes that the steering script has for the lane.
  let steering: [ScriptedChange]

  private let isRunning = Atomic<Bool>(true)
  // The greatest number of a branch; each rewind takes the next.
  private let newestBranch = Atomic<Int>(1)

  /// A lane that does nothing before `start`.
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

  /// Whether no thread works for the lane.
  var hasEnded: Bool { !isRunning.load(ordering: .acquiring) }

  /// A number for a new branch.
  func nextBranch() -> Int { newestBranch.add(1, ordering: .relaxed).newValue }

  /// Sets whether a thread works, or will work, for the lane.
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

  /// Starts the lane's thread, or starts it again after it has ended.
  /// - Parameter first: an order to be read before the first batch.
  func start(_ start: LaneStart, first: LaneMailbox.Message? = nil) {
    setRunning(true)
    mailbox.reopen()
    if let first { _ = mailbox.post(first.order, from: first.sender) }
    // Training must not fill Swift's cooperative pool, so it has a thread.
    let thread = Thread { [self] in
      Lane.makeThreadABackgroundOne(named: "lane \(name)")
      let trainer = LaneTrainer(
        plan, surroundings, mailbox: mailbox, record: record, steering: steering, start: start)
      trainer.run()
      setRunning(false)
      surroundings.didEnd()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Updates an epoch of `images` images.
  static func steps(images: Int, batch: Int) -> Int { (images + batch - 1) / batch }

  // Signals belong to the thread that owns the terminal, and the screen goes before the training.
  private static func makeThreadABackgroundOne(named name: String) {
    // The name in debuggers and monitors, 15 bytes. Foundation's own setter races with the thread's start.
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
