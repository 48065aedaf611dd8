import EngineProtocol
import Foundation
import RunStore
import Testing
import Training
import TrainingMetrics

/// Three small lanes, with everything that has random draws or state.
private let threeLanes = """
  name: small
  validation: 80
  seed: 3
  defaults: {hidden: [12], batchSize: 16, epochs: 6, learningRate: 0.01, precision: float32, outputNormalization: true}
  lanes:
    - {name: baseline, method: baseline, dropout: 0.1, optimizer: sgd, momentum: 0.9, schedule: cosine}
    - {name: drawn, method: binaryConnect, binarization: stochastic, schedule: exponential}
    - {name: bnn, method: bnn, loss: squaredHinge}
  """

// Early, since the weights with the best validation are compared, and these images are learned in a few epochs.
private let steering = """
  steering:
    - {lane: bnn, step: 3, set: {learningRate: 0.003}}
    - {lane: drawn, step: 5, set: {batchSize: 8}}
    - {lane: bnn, step: 7, set: {clipValue: 0.8}}
  """

/// Resume, rewind, fork and replay of recorded runs, checked by the digests of the weights.
@Suite(.serialized) final class RecordedRunTests {
  // Kept to the end of the test, as resuming reads the images again.
  private let dataset: SmallDataset
  private var data: URL { dataset.folder }
  private let runs: URL

  init() throws {
    dataset = try SmallDataset()
    runs = dataset.folder.appending(path: "runs")
  }

  private func start(
    _ yaml: String = threeLanes, lanes: [String]? = nil, steering: String? = nil, settings: [String] = []
  ) -> EngineProbe {
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(yaml, name: "test"), dataset: data.path, settings: settings, lanes: lanes,
          runsDirectory: runs.path, steering: steering)))
    return probe
  }

  private func digests(_ results: [String: LaneResult]) -> [String: String?] { results.mapValues(\.weightsSHA256) }

  private func directory(_ probe: EngineProbe) throws -> String {
    let event = probe.wait(for: "the start") { if case .started = $0 { true } else { false } }
    guard case .started(let run) = event else { throw CancellationError() }
    return try #require(run.directory)
  }

  private func wait(_ probe: EngineProbe, for lane: String, step: Int) {
    while probe.engine.snapshot().lanes.first(where: { $0.name == lane })?.step ?? 0 < step {
      Thread.sleep(forTimeInterval: 0.001)
    }
  }

  /// A checkpoint that is written during training.
  private func checkpoint(_ probe: EngineProbe, of lane: String) throws -> Checkpoint {
    wait(probe, for: lane, step: 150)
    probe.engine.send(.checkpoint(.lane(lane)))
    let event = probe.wait(for: "a checkpoint") {
      if case .checkpointed(let checkpoint) = $0 { checkpoint.reason == .asked } else { false }
    }
    guard case .checkpointed(let checkpoint) = event else { throw CancellationError() }
    return checkpoint
  }

  /// The points of the whole run, read from its directory.
  private func points(_ directory: String) throws -> [SeriesKey: [Int]] {
    try RunArchive.history(of: directory).series.filter { $0.key.key.metric != .imagesPerSecond }
      .mapValues { $0.map(\.step) }
  }

  @Test func aSuspendedRunGoesOnBitForBit() throws {
    let whole = start()
    let expected = digests(whole.finish())
    let wholeDirectory = try directory(whole)
    whole.engine.close()

    let first = start()
    let directory = try directory(first)
    wait(first, for: "bnn", step: 33)
    first.engine.send(.suspend)
    while first.engine.snapshot().phase == .training { Thread.sleep(forTimeInterval: 0.002) }
    first.engine.close()
    first.poll()
    #expect(!first.events.contains(.finished))

    let second = EngineProbe()
    second.engine.send(.reopen(directory: directory))
    #expect(digests(second.finish()) == expected)
    second.engine.close()
    #expect(try points(directory) == points(wholeDirectory))
    let (one, other) = (try RunArchive.history(of: directory), try RunArchive.history(of: wholeDirectory))
    for (key, series) in one.series where key.key.metric != .imagesPerSecond { #expect(series == other.series[key]) }
  }

  @Test func whatIsRefusedBeforeARunGoesOnRepeatsNothingInItsJournal() throws {
    let first = start(lanes: ["bnn"], settings: ["epochs=1000"])
    let directory = try directory(first)
    let change = EngineCommand.set(.learningRate, .number(0.02), .lane("bnn"))
    _ = try first.answer(to: first.engine.send(change)).get()
    first.engine.send(.suspend)
    while first.engine.snapshot().phase == .training { Thread.sleep(forTimeInterval: 0.002) }
    first.engine.close()
    let recorded = try RunArchive.history(of: directory).events

    let second = EngineProbe()
    for _ in 0..<3 { second.engine.send(change) }
    second.engine.send(.reopen(directory: directory))
    second.wait(for: "the change") { if case .applied = $0 { true } else { false } }
    second.engine.send(.stop(.all))
    _ = second.finish()
    second.engine.close()
    let events = try RunArchive.history(of: directory).events
    #expect(Array(events.prefix(recorded.count)) == recorded)
    #expect(Set(events.map(\.event)).count == events.count)
    // The second engine's first command, which was refused, has the same ID.
    #expect(second.journal("bnn").count == 2)
    for case .applied(let id, let entry) in second.events { #expect((id == .unasked) == (entry.change != .stopped)) }
  }

  @Test(arguments: ["MNIST/raw", "mnist"])
  func aRunFindsItsSetAgainBelowTheFolderThatWasNamed(place: String) throws {
    let folder = data.appending(path: "sets/\(place)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for part in ["train", "t10k"] {
      for kind in ["images-idx3", "labels-idx1"] {
        let name = "\(part)-\(kind)-ubyte"
        try FileManager.default.copyItem(at: data.appending(path: name), to: folder.appending(path: name))
      }
    }
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(threeLanes, name: "test"), dataset: "mnist", dataDirectory: data.appending(path: "sets").path,
          lanes: ["bnn"], runsDirectory: runs.path)))
    let expected = digests(probe.finish())
    let directory = try directory(probe)
    probe.engine.close()
    let again = EngineProbe()
    again.engine.send(.reopen(directory: directory))
    #expect(digests(again.finish()) == expected)
    again.engine.close()
  }

  @Test func aFinishedRunIsOpenedAndTrainsNothing() throws {
    let probe = start(lanes: ["bnn"])
    let expected = digests(probe.finish())
    let directory = try directory(probe)
    probe.engine.close()
    let again = EngineProbe()
    again.engine.send(.reopen(directory: directory))
    #expect(digests(again.finish()) == expected)
    #expect(again.engine.snapshot().phase == .finished)
    again.engine.close()
  }

  @Test func aRewoundLaneComesToTheSameWeights() throws {
    // The script's change after the checkpoint is repeated.
    let script = "steering: [{lane: drawn, step: 1500, set: {learningRate: 0.02}}]"
    let probe = start(lanes: ["drawn"], steering: script, settings: ["epochs=100"])
    let middle = try checkpoint(probe, of: "drawn")
    let expected = probe.finish()["drawn"]?.weightsSHA256
    let id = probe.engine.send(.rewind(lane: "drawn", branch: 1, step: middle.step))
    guard case .success(let entry) = probe.answer(to: id) else {
      Issue.record("refused")
      return
    }
    #expect(entry.change == .rewound(from: 2000))
    #expect(entry.branch == 2)
    while probe.engine.snapshot().phase == .training { Thread.sleep(forTimeInterval: 0.002) }
    probe.poll()
    let results = probe.events.compactMap { if case .laneEnded(let result) = $0 { result } else { nil } }
    #expect(results.count == 2)
    #expect(results.last?.weightsSHA256 == expected)
    probe.engine.close()
    let history = try RunArchive.history(of: directory(probe))
    let key = MetricKey(.trainLoss)
    let old = try #require(history.series[SeriesKey(lane: "drawn", branch: 1, key)])
    let new = try #require(history.series[SeriesKey(lane: "drawn", branch: 2, key)])
    // The new branch contains the later points, which are equal to those before.
    #expect(new == old.filter { $0.step > middle.step })
  }

  @Test func aForkWithoutChangesIsItsParentAndOneWithChangesIsNot() throws {
    let probe = start(lanes: ["drawn"], settings: ["epochs=100"])
    let middle = try checkpoint(probe, of: "drawn")
    let expected = probe.finish()["drawn"]?.weightsSHA256
    probe.engine.send(.fork(ForkRequest(lane: "drawn", branch: 1, step: middle.step)))
    probe.engine.send(
      .fork(
        ForkRequest(
          lane: "drawn", branch: 1, step: middle.step, name: "hot",
          settings: [HyperparameterSetting(.learningRate, .number(0.05))])))
    probe.wait(for: "the forks' ends") { _ in
      probe.events.filter { if case .laneEnded = $0 { true } else { false } }.count == 3
    }
    let results = Dictionary(
      probe.events.compactMap { if case .laneEnded(let result) = $0 { (result.lane, result) } else { nil } },
      uniquingKeysWith: { $1 })
    #expect(results["drawn-2"]?.weightsSHA256 == expected)
    let parent = probe.points("drawn", MetricKey(.trainLoss)).filter { $0.step > middle.step }
    #expect(probe.points("drawn-2", MetricKey(.trainLoss)) == parent)
    #expect(probe.points("hot", MetricKey(.trainLoss)) != parent)
    // A forked lane can be replayed: first its parent's steps, then its own.
    try expectReplay(probe)
  }

  @Test func aSteeringScriptChangesTheWeightsAndCanBeReplayed() throws {
    let scripted = start(steering: steering)
    let expected = digests(scripted.finish())
    try expectReplay(scripted)
    let plain = start()
    #expect(digests(plain.finish()) != expected)
    plain.engine.close()
  }

  @Test func theJournalOfTheKeysIsAScriptForTheSameWeights() throws {
    // Changed at whichever step the commands arrive.
    let steered = start(settings: ["epochs=150"])
    steered.wait(for: "the start") { if case .started = $0 { true } else { false } }
    let changes: [(lane: String, Hyperparameter, Double)] = [
      ("bnn", .learningRate, 0.003), ("drawn", .batchSize, 8), ("bnn", .clipValue, 0.8), ("baseline", .momentum, 0.5),
    ]
    for change in changes {
      let id = steered.engine.send(.set(change.1, .number(change.2), .lane(change.lane)))
      guard case .success = steered.answer(to: id) else {
        Issue.record("refused")
        return
      }
    }
    steered.engine.send(.stop(.lane("baseline")))
    let expected = digests(steered.finish())
    try expectReplay(steered)

    // And again with the journal, exported as a script.
    let text = try SteeringJournal.text(of: RunArchive.history(of: directory(steered)))
    let again = start(steering: text, settings: ["epochs=150"])
    #expect(digests(again.finish()) == expected)
    again.engine.close()
  }

  @Test func aSteeredRunThatIsSuspendedMakesEachChangeOnce() throws {
    let whole = start(lanes: ["bnn"], steering: "steering: [{lane: bnn, step: 30, set: {learningRate: 0.003}}]")
    let expected = digests(whole.finish())
    whole.engine.close()
    for stop in [10, 29, 31, 70] {
      let first = start(lanes: ["bnn"], steering: "steering: [{lane: bnn, step: 30, set: {learningRate: 0.003}}]")
      let directory = try directory(first)
      wait(first, for: "bnn", step: stop)
      first.engine.send(.suspend)
      while first.engine.snapshot().phase == .training { Thread.sleep(forTimeInterval: 0.001) }
      first.engine.close()
      let second = EngineProbe()
      second.engine.send(.reopen(directory: directory))
      #expect(digests(second.finish()) == expected)
      #expect(second.journal("bnn").count == 1)
      second.engine.close()
    }
  }

  @Test(arguments: ["set (2)", "plain", "a (b) c"])
  func aDataSetIsFoundAgainWhateverItsFolderIsCalled(name: String) throws {
    let folder = data.appending(path: name)
    try FileManager.default.createDirectory(at: folder.appending(path: "mnist"), withIntermediateDirectories: true)
    for file in try FileManager.default.contentsOfDirectory(atPath: data.path) where file.hasSuffix("-ubyte") {
      try FileManager.default.copyItem(
        at: data.appending(path: file), to: folder.appending(path: "mnist").appending(path: file))
    }
    // Selected because it was found: the reason is separate from the path.
    let first = EngineProbe()
    let experiment = "validation: 80\ndefaults: {hidden: [4], epochs: 1}\nlanes: [{name: bnn, method: bnn}]"
    first.engine.send(
      .start(
        ExperimentRequest(
          source: .text(experiment, name: "test"), dataDirectory: folder.path, runsDirectory: runs.path)))
    let expected = digests(first.finish())
    first.engine.close()
    var history = try RunArchive.history(of: directory(first))
    let path = folder.appending(path: "mnist").path
    #expect(history.description.datasetOrigin == path)
    #expect(history.description.datasetReason == "MNIST is in \(path)")
    // As in earlier runs.
    for isEarlier in [false, true] {
      if isEarlier {
        history.description.datasetOrigin = history.description.datasetPlace
        history.description.datasetReason = nil
      }
      let replay = EngineProbe()
      replay.engine.replay(history)
      #expect(digests(replay.finish()) == expected)
    }
  }

  @Test func theWrittenExperimentIsTheOneThatWasResolved() throws {
    for name in PresetLibrary.names {
      let experiment = try PresetLibrary.experiment(named: name)
      let text = try ExperimentWriter().text(of: experiment)
      let request = ExperimentRequest(source: .text(text, name: name))
      #expect(try ExperimentResolver(environment: [:]).resolve(request).experiment == experiment, "\(name)")
    }
  }

  private func expectReplay(_ probe: EngineProbe) throws {
    let directory = try directory(probe)
    probe.engine.close()
    let history = try RunArchive.history(of: directory)
    let replay = EngineProbe()
    replay.engine.replay(history)
    let results = replay.finish()
    let recorded = LocalEngine.recordedResults(of: history)
    #expect(!recorded.isEmpty)
    for result in recorded { #expect(results[result.lane]?.weightsSHA256 == result.weightsSHA256, "\(result.lane)") }
  }
}
