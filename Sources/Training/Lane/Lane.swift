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
  /// What a lane has around it.
  struct Surroundings: Sendable {
    /// The images.
    var data: LaneData
    /// The experiment's seed.
    var seed: UInt64
    /// Threads to compute with.
    var threads: Int
    /// Where checkpoints go; nil where the run is not recorded.
    var recorder: RunRecorder?
    /// What lanes show those that learn from them.
    var ledger: TeacherLedger
    /// Takes the lane's events, on the lane's thread.
    var report: @Sendable (EngineEvent) -> Void
    /// Takes events that are to be written before anybody hears of them; returns when they are.
    var reportDurably: @Sendable (EngineEvent) -> Void
    /// Is told when the lane's thread ends, after the last event.
    var didEnd: @Sendable () -> Void
  }

  /// The plan with which the lane begins.
  let plan: LanePlan
  /// Where orders are left.
  let mailbox = LaneMailbox()
  /// What was measured, and how the lane stands.
  let record: LaneRecord
  /// What the lane has around it.
  let surroundings: Surroundings
  /// The changes that the steering script has for the lane.
  let steering: [ScriptedChange]

  // A lane is made to be started.
  private let isRunning = Atomic<Bool>(true)
  // The greatest number of a branch, so that each rewind has one of its own.
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

  /// Takes note that the lane is to be started, again, or not at all.
  func setRunning(_ value: Bool) { isRunning.store(value, ordering: .releasing) }

  /// Takes in what a run's directory holds of the lane.
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
    // What a debugger and the system's monitors show, 15 bytes. Foundation's own setter races with the thread's start.
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
