import EngineProtocol
import Foundation
import RunStore
package import Training

/// What a sweep costs, from short measurements of some of its trials on this machine.
package struct SweepEstimate: Sendable {
  /// A trial that was trained for some seconds.
  package struct Sample: Sendable {
    /// The trial.
    package var trial: SweepTrial
    /// Seconds of one epoch with its validation, for the slowest lane.
    package var secondsPerEpoch: Double
    /// Seconds from the start to the first step.
    package var startSeconds: Double
    /// Bytes of a whole run on disk.
    package var bytes: Int
  }

  /// The measured trials.
  package private(set) var samples: [Sample] = []

  /// Mean seconds of an epoch over the samples.
  package var secondsPerEpoch: Double { mean(\.secondsPerEpoch) }
  /// Mean seconds before the first step.
  package var startSeconds: Double { mean(\.startSeconds) }
  /// Mean bytes of a run.
  package var bytesPerTrial: Int { Int(mean { Double($0.bytes) }) }

  private func mean(_ value: (Sample) -> Double) -> Double {
    samples.isEmpty ? 0 : samples.map(value).reduce(0, +) / Double(samples.count)
  }

  /// Epochs of all trials: at most, if halving or a budget ends trials early.
  package static func epochs(of directory: SweepDefinition, _ trials: [SweepTrial]) -> Int {
    let all = trials.reduce(0) { $0 + directory.epochs(of: $1) }
    let limit = directory.budget.epochs ?? .max
    guard directory.search == .halving else { return min(all, limit) }
    // Each rung takes the best of the one below.
    var (count, done, sum) = (trials.count, 0, 0)
    for rung in directory.rungs {
      sum += count * (rung - done)
      (count, done) = (count / directory.halving.factor, rung)
    }
    return min(sum, limit)
  }

  /// Trains trials, spread over the sweep, for some seconds each.
  /// - Parameters:
  ///   - count: how many trials.
  ///   - seconds: how long each is trained, after its preparation.
  ///   - makeEngine: returns a new engine.
  /// - Throws: `SweepError.notTrained` with the engine's reason.
  package init(
    _ definition: SweepDefinition, _ trials: [SweepTrial], dataDirectory: String?, count: Int = 3, seconds: Double = 2,
    makeEngine: () -> LocalEngine
  ) throws {
    let places =
      count >= trials.count ? Array(trials.indices) : (0..<count).map { $0 * (trials.count - 1) / (count - 1) }
    for place in places {
      let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: folder) }
      var request = definition.request(for: trials[place])
      (request.dataDirectory, request.runsDirectory, request.runName) = (dataDirectory, folder, "trial")
      let engine = makeEngine()
      let begin = ContinuousClock.now
      engine.send(.start(request))
      let start = try Self.waitForSteps(engine, seconds)
      engine.send(.suspend)
      while !engine.isSuspended, engine.snapshot().phase == .training { Thread.sleep(forTimeInterval: 0.01) }
      let lanes = engine.snapshot().lanes
      _ = engine.close()
      samples.append(
        Sample(
          trial: trials[place], secondsPerEpoch: lanes.map(Self.secondsPerEpoch).max() ?? 0,
          startSeconds: (start - begin) / .seconds(1),
          bytes: Self.bytes(of: folder + "/trial", lanes, epochs: definition.epochs(of: trials[place]))))
    }
  }

  // Returns when the first step was done.
  private static func waitForSteps(_ engine: LocalEngine, _ seconds: Double) throws -> ContinuousClock.Instant {
    var first: ContinuousClock.Instant?
    while true {
      let snapshot = engine.snapshot()
      if case .failed(let message) = snapshot.phase { throw SweepError(.notTrained, message) }
      if first == nil, !snapshot.lanes.isEmpty, snapshot.lanes.allSatisfy({ $0.step > 0 || $0.state.hasEnded }) {
        first = .now
      }
      if let first, ContinuousClock.now - first > .seconds(seconds) || snapshot.lanes.allSatisfy(\.state.hasEnded) {
        return first
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  // The steps of an epoch and one validation. One validation was done before the first step, one after each epoch.
  private static func secondsPerEpoch(_ lane: LaneSnapshot) -> Double {
    let step = lane.trainingSeconds / Double(max(1, lane.step))
    let validation = max(0, lane.seconds - lane.trainingSeconds) / (lane.epoch.rounded(.down) + 1)
    return step * Double(lane.stepsPerEpoch) + validation
  }

  // Checkpoints as far as the rule of retention keeps them, and the database, which grows with the steps.
  private static func bytes(of run: String, _ lanes: [LaneSnapshot], epochs: Int) -> Int {
    let folder = run + "/checkpoints"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let rule = RetentionRule()
    let checkpoints = lanes.reduce(0) { sum, lane in
      let sizes = names.filter { $0.hasPrefix(lane.name + "-") }.compactMap { name in
        (try? FileManager.default.attributesOfItem(atPath: folder + "/" + name))?[.size] as? Int
      }
      let size = sizes.max() ?? 0
      // The first, the last, and one for each epoch.
      let count = min(rule.maximumCount, epochs + 2)
      return sum + max(min(count * size, rule.maximumBytes), min(count, 3) * size)
    }
    // Five numbers of about 12 bytes for each step, and one for each binary layer.
    let points = lanes.reduce(0) { $0 + epochs * $1.stepsPerEpoch * 12 * (5 + $1.flips.count) }
    return checkpoints + FolderSize.bytes(of: run) - FolderSize.bytes(of: folder) + points
  }
}
