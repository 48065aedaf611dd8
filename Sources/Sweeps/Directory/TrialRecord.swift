package import EngineProtocol
import Foundation
import RunStore

/// What a sweep keeps of a trial beside its run: the file `record.json`, replaced as a whole after each epoch.
///
/// It has what tables and decisions need, so that they don't open the run's database. The test accuracy is not part of it:
/// a sweep reads it from the run, and only of chosen trials.
package struct TrialRecord: Hashable, Codable, Sendable {
  /// How far a trial is. Whether a process trains it now is not part of the record: see `SweepClaim`.
  package enum State: String, Codable, Sendable {
    /// It can go on.
    case open
    /// Every lane was trained to its last epoch.
    case finished
    /// A user has stopped a lane.
    case stopped
    /// A lane has failed.
    case failed
  }

  /// The result of a lane.
  package struct Lane: Hashable, Codable, Sendable {
    /// The lane's name.
    package var lane: String
    /// SHA-256 of the weights of the best validation.
    package var weightsSHA256: String?
    /// The epoch of the best validation.
    package var bestEpoch: Int?
    /// The best validation accuracy, 0...1.
    package var bestValidationAccuracy: Double?
    /// Updates done.
    package var steps: Int
    /// Whether a user has stopped it.
    package var wasStopped: Bool
    /// Bytes of the packed weights.
    package var packedBytes: Int?
    /// Why it failed; nil if it did not.
    package var failure: String?
  }

  /// The trial's number.
  package var trial: Int
  /// How far it is.
  package var state = State.open
  /// The epochs up to which it is or was to be trained; nil for all of them.
  package var target: Int?
  /// How often a process has started to train it.
  package var starts = 0
  /// The machine that has trained it last.
  package var host: String?
  /// The epochs of each lane.
  package var epochs: [String: [TrialEpoch]] = [:]
  /// The results of lanes that have ended.
  package var lanes: [Lane] = []

  /// The record of a trial that was not started.
  package init(trial: Int) { self.trial = trial }

  /// Whether it needs no more training.
  package var hasEnded: Bool { state != .open }

  /// Epochs that every lane has done, or has ended before.
  package var epochsDone: Int {
    let open = epochs.filter { lane in !lanes.contains { $0.lane == lane.key } }
    return (open.isEmpty ? epochs : open).compactMap { $0.value.last?.epoch }.min() ?? 0
  }

  /// Epochs of its longest lane.
  package var longestEpochs: Int { epochs.compactMap { $0.value.last?.epoch }.max() ?? 0 }

  /// Seconds of training: those of the lane that took longest.
  package var seconds: Double { epochs.compactMap { $0.value.compactMap(\.seconds).max() }.max() ?? 0 }

  /// Why lanes failed.
  package var failure: String? {
    let failures = lanes.compactMap { lane in lane.failure.map { "\(lane.lane): \($0)" } }
    return failures.isEmpty ? nil : failures.joined(separator: "; ")
  }

  /// Adds the report of an epoch, which replaces one of the same epoch and all later ones.
  package mutating func add(_ report: EpochReport) {
    var list = epochs[report.lane] ?? []
    list.removeAll { $0.epoch >= report.epoch }
    list.append(
      TrialEpoch(
        epoch: report.epoch, validationAccuracy: report.validationAccuracy, validationLoss: report.validationLoss,
        trainLoss: report.trainLoss, seconds: report.seconds))
    epochs[report.lane] = list
  }

  /// Adds the result of a lane, which replaces an earlier one.
  package mutating func add(_ result: LaneResult, packedBytes: Int?) {
    lanes.removeAll { $0.lane == result.lane }
    lanes.append(
      Lane(
        lane: result.lane, weightsSHA256: result.weightsSHA256, bestEpoch: result.bestEpoch,
        bestValidationAccuracy: result.bestValidationAccuracy, steps: result.steps,
        wasStopped: result.wasStopped, packedBytes: packedBytes, failure: result.failure))
  }
}

extension TrialRecord {
  /// Reads the record in a trial's folder; nil if there is none.
  /// - Throws: `SweepError.damaged`.
  package static func read(in folder: String) throws -> TrialRecord? {
    let path = folder + "/record.json"
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    do {
      return try EngineJSON.decoder().decode(TrialRecord.self, from: data)
    } catch {
      throw SweepError(.damaged, "\(path): expected the record of a trial, found something else; remove it, and resume")
    }
  }

  /// Replaces the record in a trial's folder.
  /// - Throws: `StoreError`.
  package func write(in folder: String) throws {
    try DurableFile.write(EngineJSON.encoder().encode(self), to: folder + "/record.json")
  }
}
