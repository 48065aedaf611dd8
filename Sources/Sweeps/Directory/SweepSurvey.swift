package import EngineProtocol
import Foundation
import Training

/// Where all trials of a sweep stand, read from its directory.
package struct SweepSurvey: Sendable {
  /// Where a trial stands.
  package struct Standing: Sendable {
    /// The trial.
    package var trial: SweepTrial
    /// What is recorded; nil if it was never started.
    package var record: TrialRecord?
    /// The process that trains it now; nil if none does.
    package var holder: SweepClaim.Owner?

    /// The trial's state.
    package var state: TrialState {
      if holder != nil, record?.hasEnded != true { return .training }
      guard let record else { return .waiting }
      switch record.state {
      case .finished: return .finished
      case .stopped: return .stopped
      case .failed: return .failed
      case .open:
        if let target = record.target, record.epochsDone >= target { return .held }
        return record.starts == 0 ? .waiting : .interrupted
      }
    }
  }

  /// The sweep.
  package let directory: SweepDirectory
  /// The trials' standings, by number.
  package private(set) var standings: [Standing]
  /// The number of ended trials that the index has.
  private let indexedCount: Int
  /// The epochs up to which a user lets held trials go on, by the trials' numbers.
  package private(set) var promotions: [Int: Int] = [:]
  // When the folders of trials that have not ended were changed, at the last look.
  private var folderTimes: [Int: FileTime] = [:]
  private var listingTime: FileTime?
  // When trials of other machines were looked at: to see whether such a claim is alive costs its folder a file.
  private var foreignLooks: [Int: ContinuousClock.Instant] = [:]
  private static let foreignInterval = Duration.seconds(10)
  // Since when a record can't be read. A network file system may show a record that another machine has just replaced with the
  // length of the former one, for as long as it keeps lengths.
  private var unreadable: [Int: ContinuousClock.Instant] = [:]
  private var patience = Duration.zero

  /// Reads the sweep's directory. Trials that have ended are taken from the index, if it has them.
  /// - Throws: `SweepError.damaged` if a record can't be read.
  package init(_ directory: SweepDirectory) throws {
    self.directory = directory
    standings = directory.trials.map { Standing(trial: $0) }
    let indexed = SweepIndex.endedRecords(in: directory.path)
    indexedCount = indexed.count
    for (number, record) in indexed where standings.indices.contains(number - 1) {
      standings[number - 1].record = record
    }
    try refreshAll()
    // What follows keeps the former record for a while.
    patience = Self.longestUnreadable
  }

  /// How long a record that was read before may be unreadable, before it counts as damaged.
  private static let longestUnreadable = Duration.seconds(60)

  /// Reads where all trials stand now that had not ended, whoever trains them.
  /// - Throws: `SweepError.damaged` if a record can't be read.
  package mutating func refreshAll() throws {
    // A listing is one operation; looking for each of 10,000 folders is 10,000.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path + "/trials")) ?? []
    for number in names.compactMap({ Int($0) }) where standings.indices.contains(number - 1) {
      if standings[number - 1].record?.hasEnded != true { try refresh(number) }
    }
    promotions = directory.promotions
  }

  /// Reads where a trial stands now.
  /// - Throws: `SweepError.damaged` if its record can't be read.
  package mutating func refresh(_ number: Int) throws {
    let folder = directory.folder(of: number)
    do {
      standings[number - 1].record = try TrialRecord.read(in: folder)
      unreadable[number] = nil
    } catch let error as SweepError where error.code == .damaged {
      let first = unreadable[number] ?? .now
      unreadable[number] = first
      guard standings[number - 1].record != nil, ContinuousClock.now - first < patience else { throw error }
    }
    let hasEnded = standings[number - 1].record?.hasEnded == true
    standings[number - 1].holder = hasEnded ? nil : SweepClaim.holder(of: folder)
  }

  /// Reads where the trials stand that a process trains.
  /// - Throws: `SweepError.damaged` if a record can't be read.
  package mutating func refreshOpen() throws {
    for standing in standings where standing.holder != nil { try refresh(standing.trial.number) }
    promotions = directory.promotions
  }

  /// Reads where the trials stand that may have changed since the last call, whoever trains them.
  ///
  /// Costs a system call for each trial that was begun and has not ended. Trials of other machines are looked at every 10 s.
  /// - Returns: the numbers of the trials that it has read again.
  /// - Throws: `SweepError.damaged` for the first record that can't be read; the others are read.
  package mutating func follow() throws -> [Int] {
    let folder = directory.path + "/trials"
    let time = FileTime(of: folder)
    if time != listingTime || listingTime == nil {
      listingTime = time
      for number in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap({ Int($0) })
      where standings.indices.contains(number - 1) && standings[number - 1].record?.hasEnded != true {
        folderTimes[number] = folderTimes[number] ?? .unknown
      }
    }
    var changed: [Int] = []
    var failure: (any Error)?
    for (number, known) in folderTimes {
      let time = FileTime(of: directory.folder(of: number)) ?? .unknown
      if standings[number - 1].holder?.isOfThisMachine == false {
        if let last = foreignLooks[number], ContinuousClock.now - last < Self.foreignInterval { continue }
        foreignLooks[number] = .now
      }
      // A process may die without a trace in its folder.
      guard time != known || standings[number - 1].holder != nil else { continue }
      do {
        try refresh(number)
        changed.append(number)
        let hasEnded = standings[number - 1].record?.hasEnded == true
        folderTimes[number] = hasEnded ? nil : unreadable[number] == nil ? time : known
      } catch {
        failure = failure ?? error
      }
    }
    promotions = directory.promotions
    if let failure { throw failure }
    return changed
  }

  /// Says that a trial has a process now, before that has taken its claim.
  package mutating func begin(_ number: Int) { standings[number - 1].holder = .current() }

  /// Whether trials have ended that the index lacks: on Slurm no controller writes it.
  package var isBeyondIndex: Bool { standings.filter { $0.record?.hasEnded == true }.count > indexedCount }

  /// Returns the number of trials in a state.
  package func count(_ state: TrialState) -> Int { standings.filter { $0.state == state }.count }

  /// Returns the objective's value of a trial; nil if it was not measured or the trial has failed.
  package func objective(_ standing: Standing) -> Double? {
    guard let record = standing.record, record.state != .failed else { return nil }
    return directory.definition.objective.value(record.epochs[directory.definition.objective.lane] ?? [])
  }

  /// The trials with a value, best first. Equal values are ordered by number.
  package var ranking: [(standing: Standing, value: Double)] {
    let objective = directory.definition.objective
    return standings.compactMap { standing in self.objective(standing).map { (standing, $0) } }
      .sorted { $0.1 == $1.1 ? $0.0.trial.number < $1.0.trial.number : objective.isBetter($0.1, than: $1.1) }
  }

  /// Epochs trained, summed over the trials.
  package var epochsTrained: Int { standings.reduce(0) { $0 + ($1.record?.longestEpochs ?? 0) } }

  /// Seconds of training, summed over the trials.
  package var secondsTrained: Double { standings.reduce(0) { $0 + ($1.record?.seconds ?? 0) } }

  /// How fast the sweep is trained.
  package var pace: SweepPace {
    SweepPace(
      epochs: epochsTrained, plannedEpochs: SweepEstimate.epochs(of: directory.definition, directory.trials),
      seconds: secondsTrained, workers: count(.training))
  }
}

/// When a file or folder was changed, in the file system's time.
private struct FileTime: Hashable {
  static let unknown = FileTime(seconds: 0, nanoseconds: 0)
  let seconds, nanoseconds: Int

  private init(seconds: Int, nanoseconds: Int) { (self.seconds, self.nanoseconds) = (seconds, nanoseconds) }

  /// The time of a path; nil if there is no such file.
  init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }
}
