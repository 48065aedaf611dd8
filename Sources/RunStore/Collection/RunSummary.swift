import EngineProtocol
import Foundation

/// A run in a list of runs.
package struct RunSummary: Hashable, Codable, Sendable {
  /// The state of a run.
  package enum State: Hashable, Codable, Sendable {
    /// An engine is running it, with this process ID.
    case training(process: Int)
    /// Every lane has done its last epoch.
    case finished
    /// Every lane has ended, and at least one was stopped.
    case stopped
    /// Some lanes have not ended, and no engine is running it, so it can be resumed.
    case interrupted
    /// It could not be started, or a lane has failed and no other can be resumed, or it can't be read.
    case failed
  }

  /// A lane in a list of runs.
  package struct Lane: Hashable, Codable, Sendable {
    /// The lane's name.
    package var name: String
    /// The best validation accuracy so far, 0...1.
    package var bestValidationAccuracy: Double?
    /// The accuracy on the test set, 0...1; nil before the lane's end.
    package var testAccuracy: Double?
    /// Updates done.
    package var steps: Int
    /// Why the lane failed; nil if it did not.
    package var failure: String?
  }

  /// The run's name, which is the name of its directory.
  package var id: String
  /// The run's directory.
  package var directory: String
  /// The experiment's name.
  package var name: String
  /// The data set's name; empty if unknown.
  package var dataset: String
  /// The lanes, including forked ones.
  package var lanes: [Lane]
  /// When the run was started, in seconds since 1970.
  package var startedAt: Double
  /// The state of the run.
  package var state: State
  /// The size of its directory on disk.
  package var bytes: Int
  /// Why the run can't be read, or why it failed; nil otherwise.
  package var problem: String?
}

extension RunSummary {
  private static let kinds = ["started", "laneAdded", "branched", "epoch", "laneEnded", "finished", "failed"]

  /// The summary of the run in `directory`; if it can't be read, with the reason.
  init(of directory: String) {
    self.init(
      id: (directory as NSString).lastPathComponent, directory: directory, name: "", dataset: "", lanes: [],
      startedAt: Self.time(of: directory), state: .failed, bytes: FolderSize.bytes(of: directory), problem: nil)
    do {
      try RunDatabase.read(directory) { try read(HistoryReader($0, directory: directory)) }
    } catch {
      problem = StoreError(error, path: directory).message
    }
    // Checked after reading, because an engine that ended meanwhile has left a result. An engine keeps a finished run
    // for a while, so holding the lock does not mean that it is training.
    let hasEnded = problem == nil ? state != .interrupted : !lanes.isEmpty
    if !hasEnded, let process = RunLock.holder(of: directory) { state = .training(process: process) }
  }

  private mutating func read(_ reader: HistoryReader) throws {
    let events = try reader.events(ofKinds: Self.kinds)
    let run = try reader.description(events, meta: try reader.meta())
    (name, dataset, startedAt) = (run.name, run.dataset, run.startedAt)
    let snapshots = try reader.snapshots(events)
    let course = Course(events)
    let lineage = RunLineage(events)
    lanes = lineage.lanes.map { lane in
      let name = lane.description.name
      let (result, snapshot) = (lane.result, snapshots.first { $0.name == name })
      return Lane(
        name: name,
        bestValidationAccuracy: result?.bestValidationAccuracy ?? snapshot?.best?.accuracy ?? course.best[name],
        testAccuracy: result?.testAccuracy, steps: result?.steps ?? snapshot?.step ?? course.steps[name] ?? 0,
        failure: result?.failure)
    }
    state = Self.state(of: lineage, failure: course.failure)
    problem = course.failure ?? (state == .failed ? lanes.compactMap(\.failure).first : nil)
  }

  // From its name, which starts with the time, otherwise its last change.
  private static func time(of directory: String) -> Double {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    if let date = formatter.date(from: String((directory as NSString).lastPathComponent.prefix(15))) {
      return date.timeIntervalSince1970
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: directory)
    return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
  }

  /// The lanes' progress according to the events.
  private struct Course {
    var best: [String: Double] = [:]
    var steps: [String: Int] = [:]
    var failure: String?

    init(_ events: [RecordedEvent]) {
      for event in events.map(\.event) {
        switch event {
        // A rewound lane continues.
        case .branched(let branch): best[branch.lane] = nil
        case .epoch(let report):
          best[report.lane] = max(best[report.lane] ?? 0, report.validationAccuracy)
          steps[report.lane] = report.step
        case .failed(let words, _): failure = words
        default: break
        }
      }
    }
  }

  private static func state(of lineage: RunLineage, failure: String?) -> State {
    let ended = lineage.lanes.compactMap(\.result)
    if failure != nil { return .failed }
    guard !lineage.lanes.isEmpty, ended.count == lineage.lanes.count else { return .interrupted }
    if ended.contains(where: { $0.failure != nil }) { return .failed }
    return ended.contains(where: \.wasStopped) ? .stopped : .finished
  }
}
