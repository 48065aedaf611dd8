import Datasets
import EngineProtocol
import Foundation

import TrainingMetrics

/// One network on a thread of its own: trains, validates each epoch, keeps the best weights, and reads its mailbox
/// between two batches.
final class Lane: Sendable {
  /// The lane's name.
  let name: String
  /// Where orders are left.
  let mailbox = LaneMailbox()
  /// What was measured, and how the lane stands.
  let record: LaneRecord

  private let plan: LanePlan
  private let data: LaneData
  private let seed: UInt64
  private let threads: Int
  private let report: @Sendable (EngineEvent) -> Void

  /// A lane that does nothing before `start`.
  /// - Parameter report: takes the lane's events, on the lane's thread.
  init(
    _ plan: LanePlan, data: LaneData, seed: UInt64, threads: Int, report: @escaping @Sendable (EngineEvent) -> Void
  ) {
    name = plan.name
    self.plan = plan
    self.data = data
    self.seed = seed
    self.threads = threads
    self.report = report
    record = LaneRecord(
      LaneSnapshot(
        name: plan.name, state: .validating, epochs: plan.epochs,
        stepsPerEpoch: Lane.steps(images: data.split.training.count, batch: plan.batchSize),
        hyperparameters: plan.settings()))
  }

  /// Starts the lane's thread.
  func start() {
    // Training must not fill Swift's cooperative pool, so it has a thread.
    let thread = Thread { [self] in
      Lane.makeThreadABackgroundOne(named: "lane \(name)")
      let trainer = LaneTrainer(
        LaneModel(plan, data: data, seed: seed, threads: threads), data: data, mailbox: mailbox, record: record,
        report: report)
      trainer.run()
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
