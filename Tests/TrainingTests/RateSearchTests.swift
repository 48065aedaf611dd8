import EngineProtocol
import Foundation
import RunStore
import Tensors
import Testing
import Training

/// The search for a rate on a copy of a lane, which must not change the lane.
@Suite(.serialized) struct RateSearchTests {
  // Lanes of few epochs might end before they are told to pause.
  private static func text(epochs: Int = 30) -> String {
    """
    name: searched
    validation: 80
    defaults: {hidden: [12], batchSize: 16, epochs: \(epochs), precision: float32}
    lanes:
      - {name: binary, method: binaryConnect, binarization: stochastic, dropout: 0.2}
      - {name: float, method: baseline, optimizer: sgd, momentum: 0.9, learningRate: 0.01, batchNormalization: false}
      - {name: bop, method: bnn, optimizer: bop, flipThreshold: 1e-5}
    """
  }

  // Trains, and calls `body` in the middle of the second epoch, with every lane paused. Returns the run's directory.
  private func train(_ dataset: borrowing SmallDataset, _ body: (EngineProbe) throws -> Void) throws -> String {
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(Self.text(), name: "test"), dataset: dataset.folder.path, threads: 1,
          runsDirectory: dataset.folder.appending(path: "runs").path,
          steering: nil)))
    guard case .started(let run) = probe.wait(for: "the start", { if case .started = $0 { true } else { false } })
    else {
      throw CancellationError()
    }
    probe.engine.send(.runToEpoch(1, .all))
    for lane in ["binary", "float", "bop"] {
      probe.wait(for: "a pause of \(lane)") {
        if case .applied(_, let entry) = $0 { entry.lane == lane && entry.change == .paused } else { false }
      }
      // Into the middle of the second epoch.
      for count in 1...3 {
        probe.engine.send(.singleStep(.lane(lane)))
        probe.wait(for: "step \(count) of \(lane)") { _ in
          let steps = probe.events.count { event in
            if case .applied(_, let entry) = event { entry.lane == lane && entry.change == .stepped } else { false }
          }
          return steps >= count
        }
      }
    }
    try body(probe)
    probe.engine.send(.resume(.all))
    _ = probe.finish()
    #expect(probe.engine.close() == nil)
    return try #require(run.directory)
  }

  private func search(_ search: RateSearch, _ probe: EngineProbe) -> EngineEvent? {
    let id = probe.engine.nextCommandID()
    probe.engine.send(.findRate(search), as: id)
    return probe.wait(for: "the curve of \(search.lane)") {
      switch $0 {
      case .rateFound(id, _), .deploymentFailed(id, _), .refused(id, _): true
      default: false
      }
    }
  }

  // Cancels a search in its course. Returns its failure; nil if it was over before.
  private func cancelledSearch(_ probe: EngineProbe) -> DeploymentFailure? {
    let id = probe.engine.nextCommandID()
    func isEnd(_ event: EngineEvent) -> Bool {
      switch event {
      case .rateFound(id, _), .deploymentFailed(id, _): true
      default: false
      }
    }
    probe.engine.send(.findRate(RateSearch(lane: "binary", updates: 5000)), as: id)
    while probe.engine.snapshot().deployment?.progress == nil, !probe.events.contains(where: isEnd) {
      Thread.sleep(forTimeInterval: 0.001)
      probe.poll()
    }
    if let deployment = probe.engine.snapshot().deployment, deployment.progress != nil {
      #expect(deployment.holdsTraining)
    }
    probe.engine.send(.cancelDeployment)
    guard case .deploymentFailed(_, let failure)? = probe.wait(for: "the end of the search", isEnd) else { return nil }
    return failure
  }

  // Everything that determines a lane's future, from its last checkpoint.
  private func tensors(of lane: String, in directory: String) throws -> [String: [Float]] {
    let history = try RunArchive.history(of: directory)
    let last = try #require(history.checkpoints.last { $0.lane == lane && $0.reason == .end })
    let image = try SafetensorsImage.read(try RunArchive.file(of: last, in: directory).path, sha256: nil)
    var tensors: [String: [Float]] = [:]
    for name in image.names {
      let shape = try #require(image.shape(of: name))
      guard !name.hasSuffix(".flipCounts") else {
        tensors[name] = try image.counts(name, rows: shape[0], columns: shape[1]).map(Float.init)
        continue
      }
      let tensor = Tensor(rows: shape[0], columns: shape[1])
      try image.copy(name, into: tensor)
      tensors[name] = tensor.values
    }
    return tensors
  }

  @Test func aSearchInMidEpochLeavesTheLanesUntouched() throws {
    let dataset = try SmallDataset()
    let plain = try train(dataset) { _ in }
    let searched = try train(dataset) { probe in
      // The usual one; one that ends with NaN; one of each knob of Bop; one that is cancelled.
      for request in [
        RateSearch(lane: "binary", updates: 60), RateSearch(lane: "float", first: 1, last: 10, updates: 200),
        RateSearch(lane: "bop", updates: 60), RateSearch(lane: "bop", hyperparameter: .gamma, updates: 40),
      ] {
        guard case .rateFound(_, let curve)? = search(request, probe) else {
          Issue.record("no curve of \(request.lane)")
          return
        }
        #expect(curve.values.count == curve.losses.count && curve.lane == request.lane && curve.step > 3)
        let knob: Hyperparameter =
          request.hyperparameter ?? (request.lane == "bop" ? .flipThreshold : .learningRate)
        #expect(curve.hyperparameter == knob)
      }
      // It may be over before it is cancelled.
      var cancelled: DeploymentFailure?
      for _ in 0..<20 where cancelled == nil { cancelled = cancelledSearch(probe) }
      let failure = try #require(cancelled)
      #expect(failure.wasCancelled && failure.work == .searching)
    }
    #expect(plain != searched)
    for lane in ["binary", "float", "bop"] {
      let (before, after) = (try tensors(of: lane, in: plain), try tensors(of: lane, in: searched))
      #expect(Set(before.keys) == Set(after.keys) && before.count > 5)
      for (name, values) in before {
        #expect(
          values.map(\.bitPattern) == after[name]?.map(\.bitPattern), "\(name) of \(lane) depends on the search")
      }
    }
    let digests: [[String: String?]] = try [plain, searched].map { directory in
      try RunArchive.history(of: directory).results.mapValues { $0.weightsSHA256 }
    }
    #expect(digests[0] == digests[1] && digests[0].count == 3)
  }

  @Test func numbersThatAreNotFiniteEndTheSweepAndNothingElse() throws {
    let dataset = try SmallDataset()
    var curve: RateCurve?
    _ = try train(dataset) { probe in
      // Far above the range of a useful rate.
      if case .rateFound(_, let found)? = search(
        RateSearch(lane: "float", first: 9, last: 10, updates: 2000), probe)
      {
        curve = found
      }
    }
    let found = try #require(curve)
    #expect(found.divergedAt != nil && found.values.count < 2000)
  }

  @Test(arguments: [
    (RateSearch(lane: "two"), "expected a lane"),
    (RateSearch(lane: "float", hyperparameter: .gamma), "expected one of learningRate, found “gamma”"),
    (RateSearch(lane: "float", first: -1), "expected a number above 0"),
    (RateSearch(lane: "float", first: 0.1, last: 0.1), "two different ends"),
    (RateSearch(lane: "float", updates: 3), "expected 20 to 5000, found 3"),
  ])
  func whatCannotBeSearchedIsRefused(_ request: RateSearch, _ words: String) throws {
    let dataset = try SmallDataset()
    _ = try train(dataset) { probe in
      switch search(request, probe) {
      case .deploymentFailed(_, let failure): #expect(failure.reason.contains(words), "\(failure.reason)")
      case .refused(_, let reason): #expect(reason.contains(words), "\(reason)")
      default: Issue.record("\(request) was accepted")
      }
    }
  }
}
