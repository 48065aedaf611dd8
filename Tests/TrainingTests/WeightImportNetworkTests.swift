import Deployment
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

/// The named networks, with the weights of a state dict in the layout of PyTorch.
@Suite struct WeightImportNetworkTests {
  @Test(arguments: ["resnet-20", "vgg-small", "cnv", "lenet-5"])
  func theTensorsOfANamedNetworkComeBackFromNamesInAlphabeticalOrder(name: String) throws {
    // Every layer of a name of its own, which sorts as the layers stand: what a state dict of an nn.Sequential has.
    let plan = NetworkPlan(
      layers: try NetworkLibrary.layers(named: name), method: .bnn,
      batchNormalization: BatchNormalizationNumbers(epsilon: 1e-4, momentum: 0.9))
    let image = NetworkLibrary.defaultInput(of: name)
    let layout = try NetworkLayout(plan, input: image, classes: 10)
    let compute = Compute(threads: 1)
    let network = layout.makeNetwork(plan, precision: .float32, seed: 3, compute)
    var draws = Philox(seed: 4)
    // Of new statistics all values are equal, and no test would see them in another place.
    for (_, tensor) in network.namedState where tensor.rows == 1 {
      let values = (0..<tensor.count).map { _ in Float(draws.next() % 1000) / 1000 }
      tensor.copy(from: Tensor(rows: 1, columns: tensor.count, values: values))
    }
    network.prepareOperands(.signs, compute)
    var tensors: [(name: String, source: SafetensorsImage.Source)] = []
    for (number, item) in layout.items.enumerated() {
      for tensor in ExportRequest.TrainedTensor.all(of: network, layout) where tensor.name.hasPrefix(item.name + ".") {
        let role = tensor.name.dropFirst(item.name.count + 1)
        let isNormalization = item.layer.description(item.name)?.layer == "batchNormalization"
        let foreign = [
          "latentWeights": "weight", "weights": "weight", "bias": "bias", "scale": "weight", "shift": "bias",
          "runningMean": "running_mean", "runningVariance": "running_var",
        ][String(role)]
        guard let foreign, isNormalization || !["scale", "shift"].contains(role) else { continue }
        tensors.removeAll { $0.name == "layer\(number).\(foreign)" }
        tensors.append(("layer\(number).\(foreign)", .numbers(tensor.values, shape: tensor.shape)))
      }
    }
    let path = NSTemporaryDirectory() + "import-\(UUID().uuidString).safetensors"
    try Data(try SafetensorsImage(tensors, metadata: [:]).bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let copy = layout.makeNetwork(precision: .float32, compute)
    let weights = try WeightImport(
      try ForeignTensors(path: path), into: layout, copy, image: image, order: .channelsLast)
    weights.load(into: copy)
    #expect(TensorDigest.sha256(copy.state) == TensorDigest.sha256(network.state))
  }
}
