import EngineProtocol
import Foundation
import NeuralNetworks
import Testing
import Tensors
import Training
import TrainingMetrics

@Suite struct ResidualNetworkTests {
  private func resolve(_ yaml: String) throws -> Experiment {
    let request = ExperimentRequest(source: .text(yaml, name: "written"), dataset: "digits")
    return try ExperimentResolver(environment: [:]).resolve(request).experiment
  }

  private static let blocks = """
    defaults:
      network:
        - convolution: 8
        - residual: [rsign, convolution: 8, batchNormalization]
        - rprelu
        - residual:
            shortcut: zeroPad
            layers: [activation, convolution: {filters: 12, stride: 2}, batchNormalization]
        - residual:
            shortcut: [averagePool: 2, convolution: {filters: 16, kernel: 1, border: valid}, batchNormalization]
            layers:
              - activation
              - convolution: {filters: 16, stride: 2}
              - residual: {shortcut: identity, layers: [batchNormalization, rprelu]}
        - globalAveragePool
        - linear: classes
    lanes: [{name: a, method: bnn, ste: approx}, {name: b, method: baseline, ste: approx}]
    """

  @Test func blocksAreReadAndWrittenAsTheyStand() throws {
    func convolution(_ filters: Int, stride: Int = 1) -> LayerPlan {
      .convolution(filters: filters, kernel: 3, stride: stride, border: .same, isBinary: nil)
    }
    let layers: [LayerPlan] = [
      convolution(8),
      .residual([.activation(.rsign), convolution(8), .batchNormalization], shortcut: .identity), .activation(.rprelu),
      .residual([.activation(nil), convolution(12, stride: 2), .batchNormalization], shortcut: .zeroPadding),
      .residual(
        [
          .activation(nil), convolution(16, stride: 2),
          .residual([.batchNormalization, .activation(.rprelu)], shortcut: .identity),
        ],
        shortcut: .layers([
          .pooling(.average, size: 2, stride: 2, border: .valid),
          .convolution(filters: 16, kernel: 1, stride: 1, border: .valid, isBinary: nil), .batchNormalization,
        ])),
      .globalAveragePooling, .linear(outputs: nil, isBinary: nil),
    ]
    let experiment = try resolve(ResidualNetworkTests.blocks)
    #expect(experiment.lanes[0].network.layers == layers)
    // A sign in the list of layers has an estimator even in a baseline.
    #expect(experiment.lanes[1].network.ste == .approx)
    let text = try ExperimentWriter().text(of: experiment)
    #expect(try resolve(text) == experiment)
    // Checkpoints keep the plan.
    let kept = try JSONDecoder().decode(NetworkPlan.self, from: JSONEncoder().encode(experiment.lanes[0].network))
    #expect(kept == experiment.lanes[0].network)
  }

  @Test func aNamedResidualNetworkIsWrittenToo() throws {
    let experiment = try resolve("lanes: [{name: a, method: xnorNet, network: resnet-20, floatLayers: [first, last]}]")
    let layers: [LayerPlan] = try #require(experiment.lanes[0].network.layers)
    #expect(layers.flatMap { $0.leaves() }.count == 59)
    #expect(try resolve(ExperimentWriter().text(of: experiment)) == experiment)
  }

  @Test(arguments: [
    ("residual", "network[0]: expected a layer"),
    ("residual: []", "network[0].residual: expected at least one layer, found an empty list"),
    ("residual: {shortcut: identity}", "network[0].residual.layers: expected a list of layers, found nothing"),
    (
      "residual: {shortcut: around, layers: [relu]}",
      "network[0].residual.shortcut: expected identity, zeroPad or a list of layers, found “around”"
    ),
    ("residual: {shortcut: [], layers: [relu]}", "network[0].residual.shortcut: expected at least one layer"),
    ("residual: {layer: [relu], layers: [relu]}", "unknown key “lanes[0].network[0].residual.layer”"),
    ("residual: [relu, tanh]", "network[0].residual[1]: expected a layer (convolution"),
    ("residual: {layers: [{convolution: 0}]}", "residual.layers[0].convolution.filters: expected a whole number"),
    (
      String(repeating: "residual: [", count: 9) + "relu" + String(repeating: "]", count: 9),
      "expected at most 8 nested blocks"
    ),
    ("residual: [\(Array(repeating: "relu", count: 501).joined(separator: ", "))]", "expected at most 500 layers"),
  ])
  func aWrongBlockIsToldWithItsPlace(layer: String, expected: String) {
    let error = #expect(throws: ExperimentError.self) {
      try resolve("lanes: [{name: a, network: [{\(layer)}]}]".replacing("[{residual}]", with: "[residual]"))
    }
    #expect(error.map { "\($0)".contains(expected) } ?? false, "\(error.map { "\($0)" } ?? "no error")")
  }

  // He et al. 2016 give 0.27 million parameters and 41 million products.
  @Test func resnet20HasTheSizeOfItsPaper() throws {
    let plan = NetworkPlan(
      layers: try NetworkLibrary.layers(named: "resnet-20"), method: .bnn,
      keepsFirstFloat: true, keepsLastFloat: true, batchNormalization: .init(epsilon: 1e-4, momentum: 0.9))
    let layout = try NetworkLayout(plan, input: NetworkLibrary.defaultInput(of: "resnet-20"), classes: 10)
    #expect(layout.weighted.count == 20)
    #expect(layout.description == "32×32×3·7×16c3·6×32c3·6×64c3·10")
    let first = 1024 * 27 * 16
    let stages = 6 * 1024 * 144 * 16 + 256 * (144 + 5 * 288) * 32 + 64 * (288 + 5 * 576) * 64
    #expect(layout.products(.float) == first + 640)
    #expect(layout.products(.binary) == stages)
    #expect(layout.products(.binaryWeight) == 0)
    #expect((40_500_000...41_500_000).contains(first + stages))
    #expect((265_000...275_000).contains(layout.parameterCount))
  }

  private func train() throws -> [String: [Float]] {
    let data = try SmallDataset(trainingCount: 128, testCount: 32)
    let file = try data.experiment(
      """
      validation: 32
      normalization: channels
      defaults: {network: resnet-20, batchSize: 16, epochs: 2, learningRate: 0.01, precision: float32}
      lanes:
        - {name: baseline, method: baseline}
        - {name: binaryconnect, method: binaryConnect, floatLayers: [first, last]}
        - {name: bnn, method: bnn, floatLayers: [first, last]}
        - {name: xnor, method: xnorNet, floatLayers: [first, last]}
      """)
    let probe = EngineProbe()
    probe.engine.send(
      .start(ExperimentRequest(source: .file(file), dataset: data.folder.path, isRecorded: false)))
    let results = probe.finish()
    #expect(results.count == 4)
    return results.keys.reduce(into: [:]) { losses, lane in
      #expect(results[lane]?.failure == nil)
      losses[lane] = probe.points(lane, MetricKey(.trainLoss)).map(\.value)
    }
  }

  @Test func resnet20LearnsWithEveryMethodTheSameWayTwice() throws {
    let losses = try train()
    for (lane, course) in losses {
      let (begin, end) = (course.prefix(4).reduce(0, +), course.suffix(4).reduce(0, +))
      #expect(course.count == 12)
      #expect(end < 0.7 * begin, "\(lane): \(course)")
    }
    #expect(try train() == losses)
  }
}
