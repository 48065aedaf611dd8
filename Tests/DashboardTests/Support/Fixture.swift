import EngineProtocol

/// An experiment for the fake engine.
struct Fixture: Sendable {
  var run: RunDescription
  var lanes: [FakeLane]
  var catalog: Catalog

  /// A baseline and BinaryConnect.
  static let pair = Fixture(laneCount: 2)
  /// The same with a stochastic lane.
  static let triple = Fixture(laneCount: 3)

  private static let network = "784·2048·2048·2048·10"

  init(laneCount: Int, epochs: Int = 10) {
    let binaryLayers = ["hidden 1", "hidden 2", "hidden 3", "output"]
    let names = ["baseline", "binary", "stochastic", "bnn", "scaled", "sixth"]
    let methods = [
      "float32 weights", "BinaryConnect, deterministic", "BinaryConnect, stochastic", "BNN", "XNOR", "BinaryConnect",
    ]
    lanes = (0..<laneCount).map { index in
      let isBinary = index > 0
      let name = index < names.count ? names[index] : "lane \(index)"
      let description = RunDescription.Lane(
        name: name, method: methods[index % methods.count], isBinary: isBinary, network: Self.network,
        precision: "float32", parameterCount: 10_020_362, floatBytes: 40_081_448,
        packedBytes: isBinary ? 1_252_545 : 40_081_448, binaryLayers: isBinary ? binaryLayers : [], threads: 1)
      return FakeLane(
        description: description, settings: Self.settings(isBinary: isBinary, index: index), epochs: epochs,
        floor: [0.21, 0.29, 0.26, 0.34, 0.3, 0.31][index % 6], seed: UInt64(index + 1))
    }
    run = RunDescription(
      name: "fashion-quick", dataset: "fashion-mnist",
      datasetOrigin: "/usr/share/datasets/fashion-mnist", datasetReason: "no mnist found",
      trainingCount: 54_000, validationCount: 6_000, testCount: 10_000,
      classes: ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"],
      seed: 1,
      lanes: lanes.map(\.description))
    catalog = Self.catalog(lanes)
  }

  private static func settings(isBinary: Bool, index: Int) -> [HyperparameterSetting] {
    var settings: [HyperparameterSetting] = [
      .init(.learningRate, .number(index == 0 ? 1e-3 : 3e-3)), .init(.finalLearningRate, .number(3e-6)),
      .init(.beta1, .number(0.9)), .init(.beta2, .number(0.999)), .init(.weightDecay, .number(0)),
      .init(.batchSize, .number(100)), .init(.batchNormalizationMomentum, .number(0.9)), .init(.epochs, .number(10)),
    ]
    if isBinary {
      settings.insert(.init(.clipValue, .number(1)), at: 6)
      settings.insert(.init(.binarization, .word(index == 2 ? "stochastic" : "deterministic")), at: 7)
    } else {
      settings.insert(.init(.dropout, .number(0.5)), at: 5)
    }
    return settings
  }

  private static func catalog(_ lanes: [FakeLane]) -> Catalog {
    let catalogLanes = lanes.map {
      Catalog.Lane(
        name: $0.description.name, method: $0.description.method, network: $0.description.network,
        hyperparameters: $0.settings)
    }
    func preset(_ name: String, _ summary: String, _ expected: String, _ cost: String, _ dataset: String, _ epochs: Int)
      -> Catalog.Preset
    {
      Catalog.Preset(
        name: name, summary: summary, expectedResult: expected, cost: cost, dataset: dataset, lanes: catalogLanes,
        epochs: epochs, seed: 1)
    }
    return Catalog(
      presets: [
        preset(
          "fashion-quick", "A baseline beside BinaryConnect, small enough to watch.",
          "about 88 % baseline and 86 % binary after 10 epochs", "10 epochs, 80 s on 2 cores", "fashion-mnist", 10),
        preset(
          "mnist-reference", "The reference repository's experiment, with its faults mended.",
          "96.9 % baseline, 93.7 % binary", "200 epochs, 4 h on 2 cores", "mnist", 200),
        preset(
          "mnist-binaryconnect", "The paper's recipe: baseline, deterministic and stochastic BinaryConnect.",
          "98.6 %, 98.4 % and 98.5 % within 50 epochs", "50 epochs, 1 h 20 on 2 cores", "mnist", 50),
        preset(
          "mnist-bnn", "Binary weights and activations.", "98.6 % within 50 epochs", "50 epochs, 1 h", "mnist", 50),
        preset("digits-quick", "The built-in digits.", "98 %", "10 epochs, 80 s on 2 cores", "digits", 10),
      ],
      datasets: [
        .init(
          name: "mnist", summary: "70,000 handwritten digits", location: nil,
          howToGet: "Put the four IDX files into ~/.local/share/signflip/datasets/mnist."),
        .init(
          name: "fashion-mnist", summary: "70,000 pieces of clothing", location: "/usr/share/datasets/fashion-mnist",
          howToGet: "apt-get install dataset-fashion-mnist"),
        .init(name: "digits", summary: "70,000 drawn digits, from the seed", location: "built in", howToGet: ""),
      ],
      searchPath: ["/home/ada/.local/share/signflip/datasets", "/usr/share/datasets"],
      defaultReason: "mnist was not found; fashion-mnist is the next one that is there")
  }
}
