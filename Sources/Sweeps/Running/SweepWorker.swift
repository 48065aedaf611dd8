import Foundation

/// Trains trials of a sweep one after another, beside other workers on any machine, as the scheduler decides.
///
/// Workers share nothing but the directory. Several that decide for the same trial exclude each other by its claim: one
/// trains it, the others look again. The budget is not locked, so each worker may start one trial beyond it.
package struct SweepWorker {
  /// Why a worker has ended.
  package enum Outcome: Sendable {
    /// There is nothing left to do, for the reason.
    case end(SweepScheduler.End)
    /// It was asked to stop.
    case suspended
    /// It gave up, because so many trials one after another could not be trained.
    case problems(Int)
  }

  // Trials that fail one after another before the worker gives up: the disk is full, or the data is gone.
  private static let mostProblems = 3

  private let directory: SweepDirectory
  private let train: (_ trial: SweepTrial, _ target: Int?) throws -> TrialRunner.Outcome
  private let pause: Double

  /// A worker.
  /// - Parameters:
  ///   - pause: seconds between looks at the sweep while there is nothing to train.
  ///   - train: trains a trial up to an epoch, or to its end.
  package init(
    _ directory: SweepDirectory, pause: Double = 5,
    train: @escaping (_ trial: SweepTrial, _ target: Int?) throws -> TrialRunner.Outcome
  ) {
    (self.directory, self.pause, self.train) = (directory, pause, train)
  }

  /// Trains until nothing is left, or until it is asked to stop.
  /// - Parameter isAskedToStop: called between trials, and about ten times a second while there is nothing to train.
  /// - Throws: `SweepError`, `StoreError` if the sweep can't be read.
  package func run(isAskedToStop: () -> Bool) throws -> Outcome {
    let scheduler = SweepScheduler(directory.definition)
    var survey = try SweepSurvey(directory)
    var (excluded, problems): (Set<Int>, Int) = ([], 0)
    while !isAskedToStop(), !directory.isToStop {
      switch scheduler.next(survey, excluding: excluded) {
      case .end(let end): return .end(end)
      case .wait:
        let end = Date(timeIntervalSinceNow: pause)
        while Date() < end, !isAskedToStop() { Thread.sleep(forTimeInterval: 0.1) }
      case .train(let number, let epochs):
        try directory.checkIsThere()
        do {
          switch try train(directory.trial(number), epochs) {
          case .suspended: return .suspended
          // A network file system may show a former record for a while.
          case .ended: excluded.insert(number)
          case .held: break
          }
          problems = 0
        } catch let error as SweepError where error.code == .claimed {
          // Another worker has decided for it, too; its claim shows in the survey.
        } catch let error as SweepError where error.code == .notTrained {
          excluded.insert(number)
          problems += 1
          if problems >= Self.mostProblems { return .problems(problems) }
        }
      }
      try survey.refreshAll()
    }
    return .suspended
  }
}
