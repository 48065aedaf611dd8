import Deployment
import Foundation
import NeuralNetworks
import Tensors
import Testing

/// Which tensor of a file fills which tensor of a network, and in which order its values go in.
@Suite struct WeightImportTests {
  private let image = ImageShape(height: 4, width: 4, channels: 3)

  private func layout(_ layers: [LayerPlan], _ method: Method = .bnn) throws -> NetworkLayout {
    try NetworkLayout(
      NetworkPlan(
        layers: layers, method: method, batchNormalization: BatchNormalizationNumbers(epsilon: 1e-4, momentum: 0.9)),
      input: image, classes: 10)
  }

  private func file(
    _ tensors: [(name: String, shape: [Int])], metadata: [String: String] = [:], scale: Float = 1
  ) throws -> ForeignTensors {
    let image = try SafetensorsImage(
      tensors.map { name, shape in
        let count = shape.reduce(1, *)
        return (name, .numbers((0..<count).map { scale * Float($0 + 1) }, shape: shape))
      }, metadata: metadata)
    let path = NSTemporaryDirectory() + "import-\(UUID().uuidString).safetensors"
    try Data(image.bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try ForeignTensors(path: path)
  }

  private func fit(
    _ file: ForeignTensors, _ layout: NetworkLayout, map: ImportMap? = nil, order: WeightImport.FlattenOrder? = nil
  ) throws -> (WeightImport, Network) {
    let network = layout.makeNetwork(precision: .float32, Compute(threads: 1))
    let weights = try WeightImport(file, into: layout, network, image: image, map: map, order: order)
    weights.load(into: network)
    return (weights, network)
  }

  private func tensor(_ name: String, _ network: Network) throws -> [Float] {
    try #require(network.namedState.first { $0.name == name }).tensor.values
  }

  @Test func aConvolutionAndALinearLayerBehindAFlattenAreReordered() throws {
    let layout = try layout([.flatten, .linear(outputs: nil, isBinary: false)])
    let file = try file([("fc.weight", [10, 48]), ("fc.bias", [10])])
    let (_, network) = try fit(file, layout)
    let weights = try tensor("output.weights", network)
    // Ours at row y, column x, channel c is theirs at c·16 + y·4 + x, which holds that place plus 1.
    for row in 0..<10 {
      for (y, x, c) in [(0, 0, 0), (0, 0, 1), (1, 2, 2), (3, 3, 0)] {
        #expect(weights[row * 48 + (y * 4 + x) * 3 + c] == Float(row * 48 + c * 16 + y * 4 + x + 1))
      }
    }
    let (_, last) = try fit(file, layout, order: .channelsLast)
    #expect(try tensor("output.weights", last) == (1...480).map(Float.init))
  }

  @Test func equalShapesArePairedInTheOrderOfNumbersInNames() throws {
    let layout = try layout([
      .flatten, .linear(outputs: 48, isBinary: nil), .batchNormalization, .linear(outputs: 48, isBinary: nil),
      .batchNormalization, .linear(outputs: nil, isBinary: nil),
    ])
    func normalization(_ name: String) -> [(name: String, shape: [Int])] {
      ["weight", "bias", "running_mean", "running_var"].map { ("\(name).\($0)", [48]) }
    }
    let (weights, _) = try fit(
      try file(
        [("net.10.weight", [48, 48]), ("net.2.weight", [48, 48]), ("out.weight", [10, 48]), ("out.bias", [10])]
          + normalization("net.11") + normalization("net.3")), layout)
    let sources = Dictionary(weights.rows.map { ($0.name, $0.source) }) { first, _ in first }
    #expect(sources["hidden1.weights"] == "net.2.weight" && sources["hidden2.weights"] == "net.10.weight")
    #expect(sources["hidden1.normalization.runningMean"] == "net.3.running_mean")
    #expect(weights.remarks.contains { $0.contains("net.2, net.10") })
  }

  @Test func aBiasInFrontOfABatchNormalizationIsSubtractedFromTheMean() throws {
    let layout = try layout([
      .flatten, .linear(outputs: 48, isBinary: nil), .batchNormalization, .linear(outputs: nil, isBinary: nil),
    ])
    let tensors: [(name: String, shape: [Int])] = [
      ("a.weight", [48, 48]), ("a.bias", [48]), ("n.weight", [48]), ("n.bias", [48]), ("n.running_mean", [48]),
      ("n.running_var", [48]), ("b.weight", [10, 48]), ("b.bias", [10]),
    ]
    let (weights, network) = try fit(try file(tensors), layout)
    // Both hold 1, 2, 3, …
    #expect(try tensor("hidden1.normalization.runningMean", network).allSatisfy { $0 == 0 })
    #expect(weights.rows.contains { $0.note == "minus a.bias" })
    // The last layer has a bias of its own.
    #expect(try tensor("output.bias", network) == (1...10).map(Float.init))
  }

  @Test func aMapFillsWithNumbersAndLeavesOut() throws {
    let layout = try layout([.flatten, .linear(outputs: nil, isBinary: nil)])
    let file = try file([("w", [10, 48]), ("other", [3])])
    #expect(throws: WeightImportError.self) { try fit(file, layout) }
    let map = ImportMap(
      [("output.weights", .tensor("w")), ("output.bias", .number(0.5))], ignored: ["other"], source: "map.yaml")
    let (weights, network) = try fit(file, layout, map: map)
    #expect(try tensor("output.bias", network) == Array(repeating: 0.5, count: 10))
    #expect(weights.ignored == ["other"])
    let wrong = ImportMap([("output.weights", .tensor("other"))], source: "map.yaml")
    let error = try #require(throws: WeightImportError.self) { try fit(file, layout, map: wrong) }
    #expect(error.description == "map.yaml: output.weights: expected shape [10, 48], found other of shape [3]")
  }

  @Test func zerosOfBinaryWeightsAreNamed() throws {
    let layout = try layout([.flatten, .linear(outputs: nil, isBinary: nil)])
    let (weights, _) = try fit(try file([("w.weight", [10, 48]), ("w.bias", [10])], scale: 0), layout)
    #expect(weights.remarks.contains { $0.hasPrefix("480 binary weights are exactly 0") })
  }
}
