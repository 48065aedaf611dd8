import EngineProtocol
import Foundation
import Testing
import Training
import TrainingMetrics

/// Lanes that are packed, timed and exported by an engine's commands, also while they train.
@Suite struct DeployingTests {
  private static let lanes = """
    name: small
    validation: 80
    seed: 3
    defaults: {hidden: [12], batchSize: 16, epochs: 60, learningRate: 0.01, precision: float32}
    lanes:
      - {name: baseline, method: baseline, dropout: 0.1}
      - {name: drawn, method: binaryConnect, binarization: stochastic}
      - {name: bnn, method: bnn, loss: squaredHinge}
    """

  /// An engine that trains, with a folder of its own.
  private struct Training: ~Copyable {
    let probe = EngineProbe()
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString)")

    init(_ yaml: String = DeployingTests.lanes, epochs: Int? = nil, isRecorded: Bool = false) throws {
      let data = try SmallDataset()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      probe.engine.send(
        .start(
          ExperimentRequest(
            source: .file(try data.experiment(yaml)), dataset: data.folder.path, epochs: epochs, threads: 1,
            runsDirectory: folder.path, isRecorded: isRecorded)))
      let start = probe.wait(for: "the start") { event in
        switch event {
        case .started, .failed: true
        default: false
        }
      }
      if case .failed? = start { throw Missing(event: start) }
    }

    deinit {
      probe.engine.close()
      try? FileManager.default.removeItem(at: folder)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Pauses all lanes, each at the end of an epoch. They must have many epochs before them.
    func holdAtEndsOfEpochs() {
      let pause = probe.engine.send(.pause(.all))
      for lane in ["baseline", "drawn", "bnn"] {
        probe.wait(for: "the pause of \(lane)") { event in
          if case .applied(pause, let entry) = event { entry.lane == lane } else { false }
        }
      }
      for lane in probe.engine.snapshot().lanes {
        let id = probe.engine.send(.runToEpoch(Int(lane.epoch) + 2, .lane(lane.name)))
        probe.wait(for: "the end of an epoch of \(lane.name)") { event in
          if case .applied(id, let entry) = event { entry.change == .paused } else { false }
        }
      }
    }

    func answer(_ command: EngineCommand) -> EngineEvent? { answer(to: probe.engine.send(command)) }

    func answer(to id: CommandID) -> EngineEvent? {
      probe.wait(for: "the answer to command \(id.rawValue)") { event in
        switch event {
        case .lanePacked(id, _), .laneTimed(id, _), .laneExported(id, _), .laneInspected(id, _),
          .laneClassified(id, _), .imageAnswered(id, _), .weightsRead(id, _), .deploymentFailed(id, _), .refused(id, _):
          true
        default: false
        }
      }
    }

    func packing(_ lane: String, _ choice: WeightsChoice? = nil) throws -> LanePacking {
      let event = answer(.packLane(lane, choice))
      guard case .lanePacked(_, let packing) = event else { throw Missing(event: event) }
      return packing
    }

    func export(_ request: ExportLaneRequest) throws -> LaneExport {
      let event = answer(.exportLane(request))
      guard case .laneExported(_, let export) = event else { throw Missing(event: event) }
      return export
    }

    func timing(_ lane: String) throws -> LaneTiming {
      let event = answer(.timeLane(lane))
      guard case .laneTimed(_, let timing) = event else { throw Missing(event: event) }
      return timing
    }

    func diagnostics(_ lane: String, _ choice: WeightsChoice? = nil) throws -> LaneDiagnostics {
      let event = answer(.inspectLane(lane, choice))
      guard case .laneInspected(_, let diagnostics) = event else { throw Missing(event: event) }
      return diagnostics
    }

    func failure(_ command: EngineCommand) throws -> DeploymentFailure {
      let event = answer(command)
      guard case .deploymentFailed(_, let failure) = event else { throw Missing(event: event) }
      return failure
    }

    func refusal(_ command: EngineCommand) throws -> String {
      let event = answer(command)
      guard case .refused(_, let reason) = event else { throw Missing(event: event) }
      return reason
    }
  }

  private struct Missing: Error { let event: EngineEvent? }

  @Test(arguments: [false, true]) func aLaneIsInspectedWhileItTrainsAndAfterwards(isRecorded: Bool) throws {
    let training = try Training(epochs: 100_000, isRecorded: isRecorded)
    training.holdAtEndsOfEpochs()
    for lane in training.probe.engine.snapshot().lanes {
      let diagnostics = try training.diagnostics(lane.name)
      #expect((diagnostics.weights.choice, diagnostics.weights.step) == (.newest, lane.step))
      #expect(diagnostics.batch?.images.count == 80)
      #expect(diagnostics.layers.compactMap(\.weightShape) == [[12, 16], [4, 12]])
      #expect(diagnostics.layers.filter { $0.weights != nil }.count == (lane.name == "baseline" ? 0 : 2))
      #expect(diagnostics.layers.contains { $0.activations != nil } == (lane.name == "bnn"))
      #expect(diagnostics.layers.compactMap(\.gradientNorm).allSatisfy { $0 > 0 && $0.isFinite })
      for (layer, flips) in zip(diagnostics.layers.filter { $0.weights != nil }, lane.flips) {
        let share = Double(flips.weightsByFlips[0]) / Double(flips.weights)
        #expect(layer.weights?.neverFlippedShare == share)
      }
      #expect((diagnostics.notes != nil) == (lane.name == "drawn"))
      // What it measured has changed nothing, so a second time finds the same.
      #expect(try training.diagnostics(lane.name) == diagnostics)
    }
    training.probe.engine.send(.stop(.all))
    training.probe.wait(for: "the end") { $0 == .finished }
    let ended = try training.diagnostics("bnn")
    #expect(ended.weights.choice == .best && ended.batch != nil)
    #expect(try training.refusal(.inspectLane("bnm", nil)).contains("bnn"))
  }

  @Test func aPackedLaneIsAsGoodAsTheTrainersNetwork() throws {
    let training = try Training(epochs: 100_000)
    training.holdAtEndsOfEpochs()
    for lane in training.probe.engine.snapshot().lanes {
      let packing = try training.packing(lane.name)
      #expect(packing.weights.choice == .newest)
      #expect((packing.weights.step, packing.weights.epoch) == (lane.step, lane.epoch.rounded()))
      let comparison = packing.comparison
      #expect((comparison.count, comparison.equalCount, comparison.unexplainedCount) == (80, 80, 0))
      #expect(comparison.trainedAccuracy == comparison.packedAccuracy)
      // As the trainer has validated at this step.
      #expect(Float(comparison.trainedAccuracy) == lane.latest[.validationAccuracy], "\(lane.name)")
      #expect(comparison.images.contains("80 validation images"))
      #expect(packing.layers.map(\.name) == ["hidden1", "output"])
      #expect(packing.layers.map(\.floatBytes) == [4 * 12 * 16, 4 * 4 * 12])
      #expect(packing.layers.map(\.weights) == Array(repeating: lane.name == "baseline" ? "float" : "bits", count: 2))
      #expect(packing.layers.allSatisfy { !$0.kernel.isEmpty && !$0.output.isEmpty })
      #expect(packing.formats.contains { $0.name == "packed" && $0.file == "\(lane.name).signflip" })
      #expect((packing.notes != nil) == (lane.name == "drawn"))
    }
    training.probe.engine.send(.stop(.all))
    _ = training.probe.finish()
  }

  @Test func predictionsAreThoseOfTheValidation() throws {
    let training = try Training(epochs: 100_000)
    training.holdAtEndsOfEpochs()
    for lane in training.probe.engine.snapshot().lanes {
      let event = training.answer(.classifyLane(lane.name, nil))
      guard case .laneClassified(_, let predictions) = event else { throw Missing(event: event) }
      #expect(predictions.weights.step == lane.step && predictions.matrix.count == 80)
      #expect(Float(predictions.matrix.accuracy) == lane.latest[.validationAccuracy], "\(lane.name)")
      #expect((predictions.latentMatrix != nil) == (lane.name != "baseline"))
      #expect(predictions.mistakes.count == 80 - predictions.matrix.correct)
      let probabilities = predictions.mistakes.map(\.probability)
      #expect(probabilities == probabilities.sorted(by: >) && probabilities.allSatisfy { $0 > 0.25 && $0 <= 1 })
      // Single images get the same answers.
      for mistake in predictions.mistakes.prefix(3) {
        let event = training.answer(.answerImage(.validation(mistake.image)))
        guard case .imageAnswered(_, let answers) = event else { throw Missing(event: event) }
        let answer = try #require(answers.answers.first { $0.lane == lane.name })
        #expect(answers.label == mistake.label && answers.pixels.count == 16 && answers.imageCount == 80)
        #expect(abs(answer.probabilities.reduce(0, +) - 1) < 1e-9 && answer.step == lane.step)
        #expect(answer.probabilities.max() == answer.probabilities[mistake.prediction])
        #expect(abs(answer.probabilities[mistake.prediction] - mistake.probability) < 1e-6)
        let latent = answer.latentProbabilities.flatMap { all in all.indices.max { all[$0] < all[$1] } }
        #expect(latent == mistake.latentPrediction)
      }
    }
    // The same image, drawn.
    let event = training.answer(.answerImage(.validation(7)))
    guard case .imageAnswered(_, let shown) = event else { throw Missing(event: event) }
    let drawn = training.answer(.answerImage(.drawn(shown.pixels)))
    guard case .imageAnswered(_, let answers) = drawn else { throw Missing(event: drawn) }
    #expect(answers.answers == shown.answers && answers.label == nil && answers.pixels.isEmpty)
    #expect(
      try training.refusal(.answerImage(.validation(80))) == "expected a validation image from 0 to 79, found 80")
    #expect(
      try training.refusal(.answerImage(.drawn(Data([1, 2]))))
        == "expected 16 bytes, an image of 4×4, found 2")
    #expect(try training.refusal(.classifyLane("nobody", nil)).contains("nobody"))
    training.probe.engine.send(.stop(.all))
    _ = training.probe.finish()
  }

  @Test(arguments: [false, true]) func anEndedLaneGivesItsBestWeights(isRecorded: Bool) throws {
    let training = try Training(epochs: 6, isRecorded: isRecorded)
    let results = training.probe.finish()
    for (lane, result) in results {
      let packing = try training.packing(lane)
      #expect((packing.weights.choice, packing.weights.step) == (.best, result.steps))
      #expect(packing.weights.epoch == result.bestEpoch.map(Double.init))
      #expect(packing.comparison.packedAccuracy == result.bestValidationAccuracy, "\(lane)")
      let newest = try training.packing(lane, .newest)
      #expect((newest.weights.choice, newest.weights.epoch) == (.newest, 6))
      // The test accuracy is that of the best weights, too.
      let export = try training.export(
        ExportLaneRequest(lane: lane, format: "packed", path: training.path("\(lane).signflip")))
      #expect(export.comparison.packedAccuracy == result.testAccuracy && export.comparison.count == 80)
    }
    #expect(results.count == 3)
  }

  @Test func whatIsAskedOfTheEngineDoesNotChangeTheWeights() throws {
    let plain = try Training(epochs: 400)
    let expected = plain.probe.finish()
    let training = try Training(epochs: 400)
    let pause = training.probe.engine.send(.pause(.all))
    training.probe.wait(for: "the pause") { if case .applied(pause, _) = $0 { true } else { false } }
    for lane in ["baseline", "drawn", "bnn"] {
      _ = try training.packing(lane)
      _ = try training.packing(lane, .best)
      _ = try training.export(ExportLaneRequest(lane: lane, format: "numpy", path: training.path(lane)))
    }
    training.probe.engine.send(.resume(.all))
    // Between any two batches.
    _ = try training.packing("drawn")
    _ = try training.timing("bnn")
    _ = try training.packing("bnn")
    let results = training.probe.finish()
    #expect(results.mapValues(\.weightsSHA256) == expected.mapValues(\.weightsSHA256) && results.count == 3)
    #expect(results.mapValues(\.steps) == expected.mapValues(\.steps))
  }

  @Test func allLanesAreHeldDuringATiming() throws {
    let training = try Training(epochs: 100_000)
    let engine = training.probe.engine
    _ = try training.probe.answer(to: engine.send(.pause(.lane("bnn")))).get()
    let id = engine.send(.timeLane("drawn"))
    let deadline = Date().addingTimeInterval(60)
    func isMeasuring() -> Bool {
      guard let deployment = engine.snapshot().deployment else { return false }
      return deployment.holdsTraining && deployment.note.contains("timing")
    }
    while !isMeasuring(), Date() < deadline { Thread.sleep(forTimeInterval: 0.002) }
    let held = engine.snapshot()
    #expect(held.deployment?.lane == "drawn" && held.deployment?.work == .timing)
    #expect(
      held.lanes.map(\.state) == [.waiting("the timing of drawn"), .waiting("the timing of drawn"), .paused])
    Thread.sleep(forTimeInterval: 0.1)
    #expect(engine.snapshot().lanes.map(\.step) == held.lanes.map(\.step))
    guard case .laneTimed(_, let timing) = training.answer(to: id) else {
      Issue.record("no timing")
      return
    }
    for speed in [timing.packed, timing.float] {
      #expect(speed.latency > 0 && speed.slowLatency >= speed.latency && speed.imagesPerSecond > 0)
    }
    #expect((timing.weights.lane, timing.threads, timing.batch) == ("drawn", 1, 256))
    // The paused lane stays paused; the others go on.
    while engine.snapshot().lanes[0].step == held.lanes[0].step, Date() < deadline {
      Thread.sleep(forTimeInterval: 0.002)
    }
    let after = engine.snapshot()
    #expect(after.lanes[0].step > held.lanes[0].step && after.deployment == nil)
    #expect(after.lanes[2].state == .paused && after.lanes[2].step == held.lanes[2].step)
    engine.send(.stop(.all))
    _ = training.probe.finish()
  }

  @Test func aTimingEndsWithACancellationOrAStop() throws {
    let training = try Training(epochs: 100_000)
    let engine = training.probe.engine
    let cancelled = engine.send(.timeLane("bnn"))
    let waiting = engine.send(.packLane("bnn", nil))
    let deadline = Date().addingTimeInterval(60)
    while engine.snapshot().deployment?.holdsTraining != true, Date() < deadline {
      Thread.sleep(forTimeInterval: 0.002)
    }
    engine.send(.cancelDeployment)
    for id in [cancelled, waiting] {
      guard case .deploymentFailed(_, let failure) = training.answer(to: id) else {
        Issue.record("no failure")
        return
      }
      #expect(failure.wasCancelled && failure.reason == "cancelled")
    }
    #expect(try training.refusal(.cancelDeployment) == "there is no work on a lane to cancel")
    let stopped = engine.send(.timeLane("bnn"))
    while engine.snapshot().deployment?.holdsTraining != true, Date() < deadline {
      Thread.sleep(forTimeInterval: 0.002)
    }
    engine.send(.stop(.all))
    guard case .deploymentFailed(_, let failure) = training.answer(to: stopped) else {
      Issue.record("no failure")
      return
    }
    #expect(!failure.wasCancelled && failure.reason == "lanes were stopped" && failure.work == .timing)
    let areStopped = training.probe.finish().values.map(\.wasStopped)
    #expect(areStopped == [true, true, true])
  }

  @Test func anExportReplacesNoFileUnlessAsked() throws {
    let training = try Training(epochs: 4)
    _ = training.probe.finish()
    let path = training.path("bnn.signflip")
    try Data("mine".utf8).write(to: URL(filePath: path))
    var request = ExportLaneRequest(lane: "bnn", format: "packed", path: path)
    let failure = try training.failure(.exportLane(request))
    #expect(failure.existing == request && failure.reason.contains(path) && failure.reason.contains("existing"))
    #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
    request.replaces = true
    let export = try training.export(request)
    #expect(export.files == [path] && export.weights.choice == .best && export.format == "packed")
    #expect(try Data(contentsOf: URL(filePath: path)).count == export.bytes)
    // A folder with one of the files.
    let folder = ExportLaneRequest(lane: "bnn", format: "c", path: training.path("code"))
    let files = try training.export(folder).files
    #expect(files.map { URL(filePath: $0).lastPathComponent } == ["code.h", "code.c"])
    #expect(try training.failure(.exportLane(folder)).existing == folder)
    // What cannot be written is no question of replacing.
    request.path = training.path("none/bnn.signflip")
    #expect(try training.failure(.exportLane(request)).existing == nil)
  }

  @Test func whatCannotBeIsRefused() throws {
    let training = try Training(epochs: 2)
    _ = training.probe.finish()
    let near = try training.refusal(.packLane("bnm", nil))
    #expect(near.contains("did you mean “bnn”?"))
    let unknown = try training.refusal(.timeLane("x"))
    #expect(unknown.contains("expected a lane of baseline, drawn, bnn"))
    let relative = try training.refusal(
      .exportLane(ExportLaneRequest(lane: "bnn", format: "packed", path: "here")))
    #expect(relative == "expected an absolute path, found “here”")
    let format = try training.refusal(.exportLane(ExportLaneRequest(lane: "bnn", format: "zip", path: "/tmp/x")))
    #expect(format.contains("found “zip”"))
    let idle = EngineProbe()
    let id = idle.engine.send(.packLane("bnn", nil))
    idle.wait(for: "the refusal") { $0 == .refused(id, "nothing is training yet") }
  }
}
