import EngineProtocol
import Foundation
import Testing
import Training
import TrainingMetrics

/// Three small lanes on small images.
private let threeLanes = """
  name: small
  validation: 80
  seed: 3
  defaults: {hidden: [12], batchSize: 16, epochs: 4, learningRate: 0.01, precision: float32, outputNormalization: true}
  lanes:
    - {name: baseline, method: baseline, dropout: 0.1}
    - {name: drawn, method: binaryConnect, binarization: stochastic}
    - {name: bnn, method: bnn, loss: squaredHinge}
  """

/// One lane that would train for a long time.
private let endless = """
  name: endless
  validation: 80
  defaults: {hidden: [12], batchSize: 16, epochs: 100000, learningRate: 0.01, optimizer: sgd, precision: float32}
  lanes:
    - {name: one, method: binaryConnect}
    - {name: two, method: baseline}
  """

@Suite struct LocalEngineTests {
  private func run(
    _ yaml: String, seed: UInt64? = nil, lanes: [String]? = nil, threads: Int? = nil
  ) throws -> EngineProbe {
    let data = try SmallDataset()
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .file(try data.experiment(yaml)), dataset: data.folder.path, seed: seed, lanes: lanes,
          threads: threads, isRecorded: false)))
    // The folder is removed with `data`, so keep it until the images are read.
    probe.wait(for: "the start") { event in
      switch event {
      case .started, .failed: true
      default: false
      }
    }
    return probe
  }

  @Test func everyLaneLearnsAndReportsEachEpoch() throws {
    let probe = try run(threeLanes)
    let results = probe.finish()
    #expect(Set(results.keys) == ["baseline", "drawn", "bnn"])
    for (lane, result) in results {
      #expect(result.failure == nil)
      #expect((result.testAccuracy ?? 0) > 0.9, "lane \(lane)")
      #expect(result.steps == 4 * 20)
      let epochs = probe.events.compactMap { event in
        if case .epoch(let report) = event, report.lane == lane { report.epoch } else { nil }
      }
      #expect(epochs == [0, 1, 2, 3, 4])
    }
    #expect(probe.engine.snapshot().phase == .finished)
  }

  @Test func noPointIsLostOrDoubled() throws {
    let probe = try run(threeLanes)
    _ = probe.finish()
    probe.poll()
    for lane in ["baseline", "drawn", "bnn"] {
      #expect(probe.points(lane, MetricKey(.trainLoss)).map(\.step) == Array(1...80))
      #expect(probe.points(lane, MetricKey(.validationLoss)).map(\.step) == [0, 20, 40, 60, 80])
    }
    #expect(probe.points("bnn", MetricKey(.flipRate, layer: "hidden1")).count == 80)
    #expect(probe.points("baseline", MetricKey(.flipRate)).isEmpty)
  }

  @Test func flipsAddUp() throws {
    let probe = try run(threeLanes, lanes: ["bnn"])
    _ = probe.finish()
    let flips = probe.engine.snapshot().lanes[0].flips
    #expect(flips.map(\.layer) == ["hidden1", "output"])
    for layer in flips {
      #expect(layer.weightsByFlips.reduce(0, +) == layer.weights)
      let counted = layer.weightsByFlips.enumerated().reduce(0) { $0 + $1.offset * $1.element }
      // The last bin counts “this many or more”.
      if layer.weightsByFlips.last == 0 { #expect(counted == layer.totalFlips) }
      let rates = probe.points("bnn", MetricKey(.flipRate, layer: layer.layer)).map { Double($0.value) }
      #expect(abs(rates.reduce(0, +) * Double(layer.weights) - Double(layer.totalFlips)) < 0.01)
    }
  }

  @Test func theSeedDecidesTheWeights() throws {
    let first = try run(threeLanes).finish()
    let again = try run(threeLanes).finish()
    let other = try run(threeLanes, seed: 4).finish()
    for lane in ["baseline", "drawn", "bnn"] {
      #expect(first[lane]?.weightsSHA256?.count == 64)
      #expect(first[lane]?.weightsSHA256 == again[lane]?.weightsSHA256)
      #expect(first[lane]?.weightsSHA256 != other[lane]?.weightsSHA256)
    }
  }

  @Test func otherLanesDoNotDecideTheWeights() throws {
    let together = try run(threeLanes, threads: 1).finish()
    for lane in ["baseline", "drawn", "bnn"] {
      let alone = try run(threeLanes, lanes: [lane], threads: 1).finish()
      #expect(alone[lane]?.weightsSHA256 == together[lane]?.weightsSHA256)
    }
  }

  @Test func aChangeTakesEffectAtItsStepAndIsJournalled() throws {
    let probe = try run(endless)
    let pause = probe.engine.send(.pause(.lane("one")))
    let paused = try probe.answer(to: pause).get()
    let set = probe.engine.send(.set(.learningRate, .number(0.001), .lane("one")))
    let entry = try probe.answer(to: set).get()
    #expect(entry.step == paused.step)
    #expect(entry.change == .set(.learningRate, old: .number(0.01), new: .number(0.001)))
    _ = try probe.answer(to: probe.engine.send(.singleStep(.lane("one")))).get()
    probe.poll()
    let rates = probe.points("one", MetricKey(.learningRate))
    #expect(rates.last == MetricPoint(step: paused.step + 1, value: 0.001))
    #expect(rates.dropLast().allSatisfy { $0.value == 0.01 })
    #expect(probe.engine.snapshot().lanes[0].state == .paused)
    probe.engine.send(.stop(.all))
    let results = probe.finish()
    #expect(results["one"]?.wasStopped == true)
    #expect(results["one"]?.steps == paused.step + 1)
    #expect(probe.journal("one").map(\.change).last == .stopped)
  }

  @Test func whatWasLearnedSinceTheLastEpochCountsAtAStop() throws {
    let probe = try run(endless)
    _ = try probe.answer(to: probe.engine.send(.pause(.lane("one")))).get()
    while probe.engine.snapshot().lanes[0].step % 20 != 7 {
      _ = try probe.answer(to: probe.engine.send(.singleStep(.lane("one")))).get()
    }
    probe.engine.send(.stop(.all))
    let result = try #require(probe.finish()["one"])
    let last = try #require(probe.points("one", MetricKey(.validationAccuracy)).last)
    #expect(last.step == result.steps)
    let best = try #require(result.bestValidationAccuracy)
    #expect(best >= Double(last.value) - 1e-6)
    let reports = probe.events.compactMap { if case .epoch(let report) = $0 { report } else { nil } }
    #expect(reports.allSatisfy { $0.lane != "one" || $0.step % 20 == 0 })
  }

  @Test func allLanesMeansThoseThatHaveIt() throws {
    let probe = try run(endless)
    let id = probe.engine.send(.set(.clipValue, .number(0.5), .all))
    #expect(try probe.answer(to: id).get().lane == "one")
    probe.engine.send(.stop(.all))
    _ = probe.finish()
    #expect(probe.journal("two").allSatisfy { $0.change == .stopped })
  }

  @Test func whatCantBeIsRefusedWithAReason() throws {
    let probe = try run(endless)
    func reason(_ command: EngineCommand) -> String {
      switch probe.answer(to: probe.engine.send(command)) {
      case .success(let entry): "\(entry)"
      case .failure(let refusal): refusal.reason
      }
    }
    #expect(
      reason(.set(.dropout, .number(1.5), .lane("one")))
        == "dropout: expected a number from 0 to 0.95, found 1.5")
    #expect(reason(.set(.beta1, .number(0.9), .lane("one"))).contains("has no beta 1"))
    #expect(reason(.set(.clipValue, .number(1), .lane("two"))).contains("has no clip"))
    #expect(reason(.pause(.lane("three"))) == "expected a lane of one, two, found “three”")
    #expect(reason(.resume(.lane("one"))) == "lane one is not paused")
    #expect(reason(.singleStep(.lane("one"))).contains("not paused"))
    #expect(reason(.runToEpoch(0, .lane("one"))).contains("run to epoch"))
    #expect(
      reason(.start(ExperimentRequest(source: .preset(nil), isRecorded: false))) == "an experiment was already started")
    probe.engine.send(.stop(.all))
    _ = probe.finish()
    #expect(reason(.pause(.all)) == "every lane has ended")
  }

  @Test func runToEpochHoldsThere() throws {
    // Far after the command arrives.
    let probe = try run(endless)
    let id = probe.engine.send(.runToEpoch(400, .lane("one")))
    #expect(try probe.answer(to: id).get().change == .runsToEpoch(400))
    probe.wait(for: "the hold") { event in
      if case .applied(id, let entry) = event { entry.change == .paused } else { false }
    }
    let lane = probe.engine.snapshot().lanes[0]
    #expect(lane.epoch == 400)
    #expect(lane.step == 8000)
    probe.engine.send(.stop(.all))
    _ = probe.finish()
  }

  @Test func aLossThatIsNoNumberStopsItsLaneOnly() throws {
    let yaml = """
      validation: 80
      defaults: {hidden: [12], batchSize: 16, epochs: 2, optimizer: sgd, batchNormalization: false, precision: float32}
      lanes:
        - {name: wild, method: baseline, hidden: [], epochs: 100, learningRate: 10, weightDecay: 1}
        - {name: calm, method: baseline, learningRate: 0.01}
      """
    let probe = try run(yaml)
    let results = probe.finish()
    #expect(results["wild"]?.failure?.contains("at step") == true)
    #expect(results["wild"]?.failure?.contains("last good loss") == true)
    #expect(results["wild"]?.testAccuracy != nil)
    #expect(results["calm"]?.failure == nil)
    #expect(results["calm"]?.steps == 40)
  }

  @Test func aBatchSizeChangesBetweenBatches() throws {
    let probe = try run(endless)
    _ = try probe.answer(to: probe.engine.send(.pause(.lane("one")))).get()
    _ = try probe.answer(to: probe.engine.send(.set(.batchSize, .number(50), .lane("one")))).get()
    #expect(probe.engine.snapshot().lanes[0].stepsPerEpoch == 7)
    let before = probe.engine.snapshot().lanes[0].epoch
    _ = try probe.answer(to: probe.engine.send(.singleStep(.lane("one")))).get()
    let after = probe.engine.snapshot().lanes[0].epoch
    #expect(after > before)
    #expect(after - before <= 50.0 / 320 + 1e-9)
    probe.engine.send(.stop(.all))
    _ = probe.finish()
  }

  @Test func aRunToTheLastEpochHoldsBeforeTheEnd() throws {
    let probe = try run(threeLanes, lanes: ["baseline"])
    _ = try probe.answer(to: probe.engine.send(.pause(.all))).get()
    let id = probe.engine.send(.runToEpoch(4, .all))
    probe.wait(for: "the hold") { event in
      if case .applied(id, let entry) = event { entry.change == .paused } else { false }
    }
    #expect(probe.engine.snapshot().lanes[0].epoch == 4)
    #expect(!probe.engine.snapshot().lanes[0].state.hasEnded)
    // One more epoch can still be requested.
    _ = try probe.answer(to: probe.engine.send(.set(.epochs, .number(5), .all))).get()
    probe.engine.send(.resume(.all))
    #expect(probe.finish()["baseline"]?.steps == 100)
  }

  @Test func aStepAndAStopAreBothAnswered() throws {
    let probe = try run(endless)
    _ = try probe.answer(to: probe.engine.send(.pause(.lane("one")))).get()
    let step = probe.engine.send(.singleStep(.lane("one")))
    let stop = probe.engine.send(.stop(.all))
    _ = probe.answer(to: step)
    _ = try probe.answer(to: stop).get()
    _ = probe.finish()
  }

  @Test func theSameChangesAtTheSameStepsGiveTheSameTraining() throws {
    // Paused at epoch 400, far after the command arrives, so that the change is at the same step in all runs.
    func losses(afterSetting rate: Double) throws -> [MetricPoint] {
      let probe = try run(endless, lanes: ["one"])
      func hold(at epoch: Int) {
        let id = probe.engine.send(.runToEpoch(epoch, .all))
        probe.wait(for: "the hold at epoch \(epoch)") { event in
          if case .applied(id, let entry) = event { entry.change == .paused } else { false }
        }
      }
      hold(at: 400)
      _ = try probe.answer(to: probe.engine.send(.set(.learningRate, .number(rate), .all))).get()
      _ = try probe.answer(to: probe.engine.send(.set(.batchSize, .number(20), .all))).get()
      hold(at: 403)
      probe.engine.send(.stop(.all))
      _ = probe.finish()
      return probe.points("one", MetricKey(.trainLoss))
    }
    let first = try losses(afterSetting: 0.03)
    #expect(first.count == 400 * 20 + 3 * 16)
    #expect(first == (try losses(afterSetting: 0.03)))
    let other = try losses(afterSetting: 0.3)
    #expect(first.prefix(8001) == other.prefix(8001))
    #expect(first != other)
  }

  @Test func aFailedStartLeavesTheEngineFree() throws {
    let probe = EngineProbe()
    probe.engine.send(.start(ExperimentRequest(source: .preset("no-such-preset"), isRecorded: false)))
    _ = probe.finish()
    let data = try SmallDataset()
    probe.engine.send(
      .start(
        ExperimentRequest(source: .file(try data.experiment(threeLanes)), dataset: data.folder.path, isRecorded: false))
    )
    probe.wait(for: "the start") { if case .started = $0 { true } else { false } }
    probe.wait(for: "the end") { $0 == .finished }
    #expect(probe.engine.snapshot().phase == .finished)
  }

  @Test func aStopDuringThePreparationEndsIt() {
    let probe = EngineProbe()
    let start = probe.engine.send(.start(ExperimentRequest(source: .preset("digits-quick"), isRecorded: false)))
    probe.engine.send(.stop(.all))
    _ = probe.finish()
    #expect(probe.events.last == .failed("stopped before training began", start))
    #expect(probe.engine.snapshot().lanes.isEmpty)
  }

  @Test func aReaderWithoutChartsGetsNoPoints() throws {
    let probe = try run(threeLanes, lanes: ["baseline"])
    _ = probe.finish()
    let batch = probe.engine.events(after: .withoutPoints)
    #expect(batch.events.last == .finished)
    #expect(!batch.events.contains { if case .points = $0 { true } else { false } })
    #expect(probe.engine.events(after: batch.cursor).events.isEmpty)
  }

  @Test func everyEventAndSnapshotSurvivesJSON() throws {
    let yaml = """
      validation: 80
      defaults: {hidden: [], epochs: 100, batchSize: 16, precision: float32}
      lanes:
        - {name: wild, optimizer: sgd, learningRate: 10, weightDecay: 1}
        - {name: bits, method: bnn, hidden: [8], epochs: 1}
      """
    let probe = try run(yaml)
    _ = probe.finish()
    for event in probe.events {
      let data = try EngineJSON.encoder().encode(event)
      let read = try EngineJSON.decoder().decode(EngineEvent.self, from: data)
      // Compares the text, as NaN is not equal to itself.
      #expect(try EngineJSON.encoder().encode(read) == data)
    }
    let snapshot = try EngineJSON.encoder().encode(probe.engine.snapshot())
    #expect(try EngineJSON.encoder().encode(EngineJSON.decoder().decode(Snapshot.self, from: snapshot)) == snapshot)
  }

  @Test func aMissingDataSetFailsWithItsPlace() throws {
    let probe = EngineProbe()
    probe.engine.send(
      .start(ExperimentRequest(source: .preset("mnist-quick"), dataset: "/nowhere/at/all", isRecorded: false)))
    _ = probe.finish()
    guard case .failed(let message, _)? = probe.events.last else {
      Issue.record("no failure")
      return
    }
    #expect(message.contains("/nowhere/at/all"))
  }
}
