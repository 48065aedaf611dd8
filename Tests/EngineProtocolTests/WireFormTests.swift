import EngineProtocol
import Foundation
import Testing
import TrainingMetrics

/// The JSON of commands, events and snapshots, as used by scripts and in the run's record.
@Suite struct WireFormTests {
  private func json(_ value: some Encodable, _ points: PointsForm = .numbers) throws -> String {
    String(decoding: try points.encoder().encode(value), as: UTF8.self)
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try EngineJSON.decoder().decode(type, from: Data(text.utf8))
  }

  static let commands: [EngineCommand] = [
    .describeCatalog(dataDirectory: nil), .describeCatalog(dataDirectory: "/data"),
    .start(ExperimentRequest(source: .preset(nil))),
    .start(
      ExperimentRequest(
        source: .text("name: x\n", name: "stdin"), dataset: "mnist", dataDirectory: "/d", epochs: 3, seed: .max,
        settings: ["binary.learningRate=0.1"], lanes: ["binary"], threads: 2, runsDirectory: "/r", isRecorded: false,
        steering: "- step: 3\n")),
    .start(ExperimentRequest(source: .file("/a.yaml"))), .start(ExperimentRequest(source: .preset("mnist"))),
    .reopen(directory: "/runs/1"), .pause(.all), .pause(.lane("binary")), .resume(.all), .singleStep(.lane("a")),
    .runToEpoch(5, .all), .runToEpoch(5, .lane("b")), .stop(.lane("all")),
    .set(.learningRate, .number(0.001), .lane("binary")), .set(.binarization, .word("stochastic"), .all),
    .set(.momentum, .number(.infinity), .all), .checkpoint(.all), .rewind(lane: "a", branch: 2, step: 7),
    .fork(ForkRequest(lane: "a", branch: 1, step: 7)),
    .fork(
      ForkRequest(
        lane: "a", branch: 1, step: 7, name: "b", settings: [HyperparameterSetting(.dropout, .number(0.5))])),
    .compareMoments(
      MomentsRequest(lane: "a", first: .init(branch: 1, step: 2), second: .init(branch: 2, step: 9))),
    .findRate(RateSearch(lane: "a")),
    .findRate(RateSearch(lane: "a", hyperparameter: .gamma, first: 1e-6, last: 0.5, updates: 90)),
    .note(NoteRequest(lane: "a", text: "why?")), .note(NoteRequest(lane: "a", branch: 2, step: 7, text: "ä “b”")),
    .suspend, .download(DownloadRequest(dataset: "mnist")), .cancelDownload,
    .points(PointsRequest(SeriesKey(lane: "a", branch: 2, MetricKey(.flipRate, layer: "d")), steps: 4...9)),
    .points(PointsRequest(SeriesKey(lane: "a", branch: 1, MetricKey(.trainLoss)), steps: 0...0)),
    .download(DownloadRequest(dataset: "mnist", dataDirectory: "/d", from: "http://a/b", sha256: ["ab", "cd"])),
    .packLane("binary", nil), .packLane("binary", .best), .timeLane("binary"), .cancelDeployment,
    .inspectLane("binary", nil), .inspectLane("binary", .newest),
    .classifyLane("binary", nil), .classifyLane("binary", .best), .answerImage(.validation(12)),
    .answerImage(.drawn(Data([0, 255, 7]))), .readWeights(WeightsRequest(lane: "binary")),
    .readWeights(
      WeightsRequest(
        lane: "binary", layer: "hidden1", branch: 2, step: 9, firstUnit: 8, unitCount: 4, unit: 9, input: 700)),
    .exportLane(ExportLaneRequest(lane: "binary", format: "c", path: "/tmp/x")),
    .exportLane(ExportLaneRequest(lane: "binary", weights: .newest, format: "c", path: "/tmp/x", replaces: true)),
  ]

  @Test(arguments: commands) func aCommandComesBackAsItWas(command: EngineCommand) throws {
    #expect(try decode(EngineCommand.self, json(command)) == command)
  }

  private static let lane = RunDescription.Lane(
    name: "binary", method: "BinaryConnect", isBinary: true, network: "784·10", precision: "float32",
    parameterCount: 7850, floatBytes: 31400, packedBytes: 1020, binaryLayers: ["dense1"], threads: 1,
    fork: .init(lane: "a", branch: 1, step: 3, changes: 2))
  private static let run = RunDescription(
    id: "r1", directory: "/runs/r1", startedAt: 12.5, name: "x", dataset: "digits", datasetOrigin: "built in",
    notes: ["3 files ignored"], trainingCount: 1, validationCount: 2, testCount: 3,
    classes: ["0", "1"], seed: .max, lanes: [lane])
  private static let catalog = Catalog(
    presets: [
      .init(
        name: "p", summary: "s", expectedResult: "e", cost: "c", dataset: "d",
        lanes: [.init(name: "l", method: "m", network: "n", hyperparameters: [])], epochs: 1, seed: 2)
    ], datasets: [.init(name: "d", summary: "s", location: nil, howToGet: "h")], searchPath: ["/a"],
    defaultReason: "because")
  // First buckets, one of them with a single value, then points.
  private static var sketch: MetricSeries {
    var series = MetricSeries([MetricPoint(step: 3, value: 0.5)])
    var bucket = MetricBucket(0.1)
    for value in [Float.nan, -3, 7.25] { bucket.add(value) }
    series.append(bucket, upTo: 90)
    series.append(contentsOf: [MetricPoint(step: 95, value: 0.25), MetricPoint(step: 1 << 40, value: -1e-30)])
    return series
  }
  private static func entry(_ change: JournalEntry.Change) -> EngineEvent {
    .applied(
      CommandID(3, client: 7),
      JournalEntry(lane: "binary", branch: 2, step: 1172, change: change, seconds: 12.3, origin: "dashboard"))
  }

  private static let weights = DeployedWeights(lane: "a", branch: 2, choice: .best, step: 9, epoch: 0.5)
  private static let comparison = PackingComparison(
    images: "8 validation images of x", count: 8, equalCount: 7, trainedAccuracy: 0.5, packedAccuracy: 0.625,
    largestDifference: 1e-6, tieCount: 1, unexplainedCount: 0)
  private static var matrix: ConfusionMatrix {
    var matrix = ConfusionMatrix(classes: 2)
    matrix.add(label: 0, prediction: 1)
    matrix.add(label: 1, prediction: 1)
    return matrix
  }
  private static let flipping: LayerDiagnostics.Weights = {
    var weights = LayerDiagnostics.Weights(plusShare: 0.5, meanEntropy: 0.6)
    weights.epochFlips = .init(
      updates: 9, flips: 5, changed: 1, weightsByFlips: [3, 1, 0, 1], restless: [.init(unit: 1, input: 7, flips: 4)])
    return weights
  }()
  private static let deployments: [EngineEvent] = [
    .lanePacked(
      CommandID(4, client: 2),
      LanePacking(
        weights: weights,
        layers: [
          .init(
            name: "hidden1", output: "12", weights: "bits", input: "bytes", gives: "signs", bytes: 24, floatBytes: 768,
            floats: ["K"], kernel: "XNOR, thresholds")
        ], comparison: comparison, kernels: "AVX2", formats: [.init(name: "c", summary: "C99", file: "a")],
        notes: ["estimated"])),
    .laneTimed(
      CommandID(5),
      LaneTiming(
        weights: weights, packed: .init(latency: 3e-5, slowLatency: 4e-5, imagesPerSecond: 6e4),
        float: .init(latency: 3e-3, slowLatency: 4e-3, imagesPerSecond: 6e2), batch: 256, threads: 1, processor: nil,
        kernels: "AVX2")),
    .laneExported(
      CommandID(6),
      LaneExport(
        weights: weights, format: "c", files: ["/tmp/a/a.h", "/tmp/a/a.c"], bytes: 12, floatBytes: 400,
        comparison: comparison)),
    .laneInspected(
      CommandID(8, client: 1),
      LaneDiagnostics(
        weights: weights, batch: .init(images: [3, 8], loss: 0.5),
        layers: [
          LayerDiagnostics(
            name: "hidden1", output: [12], weightShape: [12, 16],
            weights: .init(
              plusShare: 0.5, zeroShare: 0.25, meanEntropy: 0.6, alignment: 0.8, clippedShare: 0.125, deadShare: 0,
              neverFlippedShare: 1, kernels: .init(count: 8, distinct: 7, distinctUpToInversion: 6)),
            activations: .init(
              units: 12, plusShare: 0.5, deadShare: 0.25, closedShare: 0.125, degeneration: 1, saturation: 0,
              mismatch: 0.5), lag: .init(mean: 0.1, maximum: 0.5), gradientNorm: .infinity),
          LayerDiagnostics(name: "output", output: [2, 2, 10]),
        ], notes: ["estimated"])),
    .laneClassified(
      CommandID(8),
      LanePredictions(
        weights: weights, images: "2 validation images of x", classes: ["a", "b"], matrix: matrix, latentMatrix: nil,
        mistakes: [.init(image: 1, label: 0, prediction: 1, probability: 0.75, latentPrediction: 0)])),
    .imageAnswered(
      CommandID(9),
      ImageAnswers(
        question: .validation(1), width: 2, height: 1, channels: 1, pixels: Data([0, 255]), imageCount: 2, label: 0,
        classes: ["a", "b"],
        answers: [.init(lane: "a", step: 9, probabilities: [0.25, 0.75], latentProbabilities: nil)])),
    .rateFound(
      CommandID(10),
      RateCurve(
        lane: "a", branch: 2, step: 9, hyperparameter: .learningRate, current: 1e-3, values: [1e-4, 1e-3],
        losses: [0.5, .infinity], endedNonFinite: true, notes: ["alone"])),
    .momentsCompared(
      CommandID(11),
      MomentsComparison(
        lane: "a",
        first: .init(
          place: .init(branch: 1, step: 2), epoch: 0.5, validationAccuracy: nil, trainLoss: 0.5,
          hyperparameters: [HyperparameterSetting(.dropout, .number(0.5))],
          diagnostics: LaneDiagnostics(weights: weights, batch: nil, layers: [])),
        second: .init(
          place: .init(branch: 2, step: 9), epoch: 1.5, validationAccuracy: 0.75, trainLoss: nil, hyperparameters: [],
          diagnostics: LaneDiagnostics(weights: weights, batch: nil, layers: [])),
        layers: [.init(name: "hidden1", weights: 9, differing: 4)])),
    .weightsRead(
      CommandID(12),
      LayerWeights(
        weights: weights, request: WeightsRequest(lane: "a", unit: 0, input: 1),
        layers: [.init(name: "hidden1", words: "ternary", units: 1, inputs: 2, kind: .latent)], place: 0,
        histogram: Histogram(lowerBound: -1, upperBound: 1, counts: [1, 1]), clip: 1, zeroBand: 0.25,
        reach: .init(mean: 1e-3, share: 0.5), nearShare: 0.125, figures: flipping,
        pictures: .init(
          width: 2, height: 1, channels: 1, arePixels: true, firstUnit: 0, count: 1, values: Data([0, 200]),
          levels: Data([0, 255])), inputFlips: [0.5, 3],
        weight: .init(
          unit: 0, input: 1, value: 0.5, level: 1, flips: 3, change: -0.25,
          course: [.init(step: 0, value: -0.5, flips: 0), .init(step: 9, value: 0.5, flips: nil)]))),
    .weightsRead(
      CommandID(13),
      LayerWeights(
        weights: weights, request: WeightsRequest(lane: "a"),
        layers: [.init(name: "hidden1", words: "float", units: 1, inputs: 2, kind: .float)], place: 0,
        histogram: Histogram(lowerBound: -1, upperBound: 1, counts: [1, 1]),
        pictures: .init(
          width: 2, height: 1, channels: 1, arePixels: false, firstUnit: 0, count: 0, values: Data(), levels: nil))),
    .deploymentFailed(CommandID(7), DeploymentFailure(lane: "a", work: .timing, reason: "stopped", wasCancelled: true)),
    .deploymentFailed(
      CommandID(7),
      DeploymentFailure(
        lane: "a", work: .exporting, reason: "exists", existing: ExportLaneRequest(lane: "a", format: "c", path: "/x"))),
  ]

  static let events: [EngineEvent] =
    deployments + [
      .catalog(catalog), .started(run), .laneAdded(lane),
      .branched(LaneBranch(lane: "binary", number: 2, parent: 1, step: 9, changes: 3)),
      .points(
        lane: "binary", branch: 1, MetricKey(.flipRate, layer: "dense1"),
        [MetricPoint(step: 1, value: 0.1), MetricPoint(step: 4_294_967_295, value: -3e-20)]),
      .points(lane: "binary", branch: 1, MetricKey(.trainLoss), []),
      .points(lane: "binary", branch: 1, MetricKey(.trainLoss), [MetricPoint(step: 1 << 40, value: 1)]),
      .epoch(
        EpochReport(
          lane: "a", branch: 2, epoch: 1, step: 2, trainLoss: nil, validationLoss: .infinity, validationAccuracy: 0.5,
          latentValidationAccuracy: 0.25, learningRate: 1e-300, flipRate: nil, imagesPerSecond: -.infinity)),
      .layers(
        LayerReport(
          lane: "a", branch: 1, step: 2, flips: [FlipStatistics(layer: "d", weights: 3, weightsByFlips: [1, 2])],
          latentWeights: [Histogram(lowerBound: -1, upperBound: 1, counts: [3])])),
      entry(.set(.learningRate, old: .number(0.003), new: .number(0.001))),
      entry(.set(.binarization, old: .word("stochastic"), new: .word("deterministic"))), entry(.paused),
      entry(.resumed), entry(.stepped), entry(.runsToEpoch(4)), entry(.stopped), entry(.rewound(from: 9)),
      entry(.forked(into: "b")), entry(.noted("why “this”?")),
      .refused(CommandID(1, client: 2), "no “lane”\nof that name"),
      .checkpointed(
        Checkpoint(
          lane: "a", branch: 1, step: 2, epoch: 0.1, reason: .best, validationAccuracy: nil, bytes: 1 << 40, time: 1.5)),
      .checkpointDeleted(lane: "a", branch: 1, step: 2), .health(HealthReport(.warning, "disk full", time: 2)),
      .health(
        HealthReport(
          .warning, "it freezes", time: 2,
          finding: HealthFinding(
            .frozenLayer, lane: "a", branch: 2, layer: "hidden1", step: 9, epoch: 1.5, since: 4,
            figures: [.init("flips", 0), .init("learningRate", .infinity)],
            suggestion: HyperparameterSetting(.learningRate, .number(0.001))))),

      .laneEnded(
        LaneResult(
          lane: "a", failure: "loss is NaN", wasStopped: true, testAccuracy: nil, bestValidationAccuracy: 0.1,
          bestEpoch: 1, weightsSHA256: "ab", parameters: 3, seconds: 4, steps: 5)),
      .finished, .failed("why"), .failed("why", CommandID(4, client: 2)), .engineLost("gone"),
      .catalog(catalog, CommandID(5, client: 3)),
      .sketch(lane: "a", branch: 2, MetricKey(.flipRate, layer: "d"), sketch),
      .downloadEnded(CommandID(4, client: 1), DownloadResult(dataset: "mnist", folder: "/d/mnist")),
      .stretch(
        CommandID(6, client: 1),
        PointsRequest(SeriesKey(lane: "a", branch: 2, MetricKey(.flipRate, layer: "d")), steps: 4...9),
        [MetricPoint(step: 4, value: 0.5), MetricPoint(step: 9, value: -.infinity)]),
      .downloadEnded(CommandID(4), DownloadResult(dataset: "mnist", failure: "no route", wasCancelled: true)),
    ]

  @Test(arguments: events, [PointsForm.packed, .numbers])
  func anEventComesBackAsItWas(event: EngineEvent, points: PointsForm) throws {
    #expect(try decode(EngineEvent.self, json(event, points)) == event)
  }

  @Test func everyKindOfEventIsAmongThose() {
    // The compiler reports new cases here, which need a name.
    let kinds = Self.events.map { event in
      switch event {
      case .catalog: 0
      case .started: 1
      case .laneAdded: 2
      case .branched: 3
      case .points: 4
      case .epoch: 5
      case .layers: 6
      case .applied: 7
      case .refused: 8
      case .checkpointed: 9
      case .checkpointDeleted: 10
      case .health: 11
      case .laneEnded: 12
      case .finished: 13
      case .failed: 14
      case .engineLost: 15
      case .sketch: 16
      case .downloadEnded: 17
      case .stretch: 18
      case .lanePacked: 19
      case .laneTimed: 20
      case .laneExported: 21
      case .deploymentFailed: 22
      case .laneInspected: 23
      case .laneClassified: 24
      case .imageAnswered: 25
      case .rateFound: 26
      case .momentsCompared: 27
      case .weightsRead: 28
      }
    }
    #expect(Set(kinds) == Set(0...28))
  }

  @Test(arguments: [PointsForm.packed, .numbers]) func notANumberSurvives(points: PointsForm) throws {
    let event = EngineEvent.points(
      lane: "a", branch: 1, MetricKey(.trainLoss),
      [.nan, .infinity, -.infinity, -0.0].enumerated().map { MetricPoint(step: $0, value: $1) })
    guard case .points(_, _, _, let read) = try decode(EngineEvent.self, json(event, points)) else {
      Issue.record("expected points")
      return
    }
    #expect(read.map(\.step) == [0, 1, 2, 3])
    #expect(read[0].value.isNaN)
    #expect(read.dropFirst().map(\.value.bitPattern) == [Float.infinity, -.infinity, -0.0].map(\.bitPattern))

    let report = EpochReport(
      lane: "a", epoch: 1, step: 1, trainLoss: .nan, validationLoss: .nan, validationAccuracy: 0,
      latentValidationAccuracy: nil, learningRate: 1, flipRate: nil, imagesPerSecond: nil)
    guard case .epoch(let back) = try decode(EngineEvent.self, json(EngineEvent.epoch(report))) else {
      Issue.record("expected an epoch")
      return
    }
    #expect(back.trainLoss?.isNaN == true && back.validationLoss.isNaN)
  }

  @Test func aSnapshotComesBackAsItWas() throws {
    var phaseSeconds = PhaseSeconds()
    for (place, phase) in PhaseSeconds.Phase.allCases.enumerated() { phaseSeconds[phase] = 0.5 + Double(place) }
    (phaseSeconds.images, phaseSeconds.steps) = (30, 3)
    let states: [LaneSnapshot.State] = [
      .training, .validating, .paused, .waiting("baseline's epoch 4"), .testing, .finished, .stopped,
      .failed("loss: NaN"), .failed(""),
    ]
    let stages = [nil] + Snapshot.Stage.Kind.allCases
    let phases: [Snapshot.Phase] =
      [.idle, .training, .finished, .failed("no: data")]
      + stages.map { .preparing(Snapshot.Stage($0, "reading: x")) }
    let lanes = states.map { state in
      LaneSnapshot(
        name: "a", branch: 2, state: state, step: 3, epoch: 0.5, epochs: 4, stepsPerEpoch: 6, trainingSeconds: 1,
        seconds: 2, latest: [.trainLoss: .infinity, .flipRate: 0.1], best: .init(accuracy: 0.9, epoch: 1),
        testAccuracy: 0.5, hyperparameters: [HyperparameterSetting(.learningRate, .number(0.1))],
        flips: [FlipStatistics(layer: "d", weights: 1)],
        latentWeights: [Histogram(lowerBound: -1, upperBound: 1, counts: [1, 2])], phases: phaseSeconds)
    }
    for phase in phases {
      let snapshot = Snapshot(
        phase: phase, seconds: 3, lanes: lanes, storage: .init(bytes: 3, problem: "full"), clients: 2,
        deployment: .init(lane: "a", work: .timing, note: "timing", progress: 0.5, holdsTraining: true),
        machine: MachineState(
          processor: "p", cores: 2, memoryBytes: 9, availableBytes: 8, residentBytes: 7, busyCores: 1.5, load: 2.5))
      #expect(try decode(Snapshot.self, json(snapshot)) == snapshot)
    }
  }

  @Test func aStageIsToldBesideThePhase() throws {
    let snapshot = Snapshot(phase: .preparing(Snapshot.Stage(.images, "whitening")))
    let text = #"{"clients":0,"lanes":[],"phase":"preparing: whitening","seconds":0,"stage":"images"}"#
    #expect(try json(snapshot) == text)
    // Older engines do not send it, and newer ones may send other values.
    for former in [#","stage":"images""#, #""images""#] {
      let other = text.replacing(former, with: former == #""images""# ? #""dreaming""# : "")
      #expect(try decode(Snapshot.self, other).phase == .preparing(Snapshot.Stage(nil, "whitening")))
    }
  }

  // The names in PROTOCOL.md.
  @Test func theWordsAreTheDocumentedOnes() throws {
    #expect(
      try json(EngineCommand.set(.learningRate, .number(0.001), .lane("binary")))
        == #"{"command":"set","hyperparameter":"learningRate","lane":"binary","value":0.001}"#)
    #expect(try json(EngineCommand.pause(.all)) == #"{"command":"pause"}"#)
    #expect(
      try json(Self.entry(.set(.learningRate, old: .number(0.003), new: .number(0.001)))) == """
        {"branch":2,"change":"set","client":7,"event":"applied","hyperparameter":"learningRate","id":3,"lane":"binary",\
        "new":0.001,"old":0.003,"origin":"dashboard","seconds":12.3,"step":1172}
        """)
    #expect(
      try json(Self.events[Self.deployments.count + 4]) == """
        {"branch":1,"event":"points","lane":"binary","layer":"dense1","metric":"flipRate",\
        "steps":[1,4294967295],"values":[0.1,-3e-20]}
        """)
    let point = EngineEvent.points(
      lane: "a", branch: 1, MetricKey(.trainLoss), [MetricPoint(step: 258, value: 1)])
    #expect(
      try json(point, .packed)
        == #"{"branch":1,"event":"points","lane":"a","metric":"trainLoss","packed":"AgEAAAAAgD8="}"#)
    #expect(try json([Snapshot.Phase.training, .failed("x")]) == #"["training","failed: x"]"#)
    #expect(try json([LaneSelection.all, .lane("a")]) == #"[null,"a"]"#)
  }

  @Test func whatMayBeAbsentIs() throws {
    #expect(
      try decode(EngineCommand.self, #"{"command":"start"}"#) == .start(ExperimentRequest(source: .preset(nil))))
    #expect(try decode(EngineCommand.self, #"{"command":"pause","lane":null,"more":1}"#) == .pause(.all))
  }

  @Test(arguments: [
    #"{"command":"explode"}"#, #"{}"#, #"[]"#, #"{"command":"set","hyperparameter":"luck","value":1}"#,
    #"{"command":"rewind","lane":"a","step":1}"#, #"{"command":"pause","lane":7}"#,
    #"{"command":"start","preset":"a","file":"b"}"#,
  ])
  func whatIsNoCommandIsRefused(text: String) {
    #expect(throws: DecodingError.self) { try decode(EngineCommand.self, text) }
  }

  @Test(arguments: [
    #""packed":"AgEAAA==""#, #""packed":"*""#, #""steps":[1],"values":[]"#, #""steps":[1]"#,
    #""values":["x"],"steps":[1]"#,
  ])
  func pointsThatAreNoneAreRefused(points: String) {
    let text = #"{"event":"points","lane":"a","branch":1,"metric":"trainLoss",\#(points)}"#
    #expect(throws: DecodingError.self) { try decode(EngineEvent.self, text) }
  }

  @Test func aMillionPointsComeBackPacked() throws {
    let points = (0..<1_000_000).map { MetricPoint(step: $0, value: Float(bitPattern: UInt32($0) &* 2_654_435_761)) }
    let event = EngineEvent.points(lane: "a", branch: 1, MetricKey(.trainLoss), points)
    let data = try PointsForm.packed.encoder().encode(event)
    let decoded = try EngineJSON.decoder().decode(EngineEvent.self, from: data)
    guard case .points(_, _, _, let read) = decoded else {
      Issue.record("expected points")
      return
    }
    #expect(read.map(\.step) == points.map(\.step))
    #expect(read.map(\.value.bitPattern) == points.map(\.value.bitPattern))
  }
}
