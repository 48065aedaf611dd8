import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

/// A checkpoint file is sufficient to compute its network, without the data set or the run directory.
@Suite struct NetworkCheckpointTests {
  private static let experiment = """
    name: files
    validation: 40
    seed: 5
    defaults: {epochs: 2, batchSize: 40, learningRate: 0.02, precision: float32}
    lanes:
      - {name: baseline, method: baseline, hidden: [12], dropout: 0.2, inputDropout: 0.1}
      - {name: twoStages, method: bnn, hidden: [16], binaryWeightsFrom: 1}
      - name: xnor
        method: xnorNet
        network: [convolution: 8, batchNormalization, activation, convolution: 8, maxPool: 2, batchNormalization, activation,
          flatten, linear: classes]
      - name: bits
        method: doReFa
        weightBits: 2
        network: [convolution: 8, batchNormalization, activation, residual: [convolution: 8, batchNormalization],
          globalAveragePool, linear: classes]
    """

  @Test(arguments: ["channels", "gcn"])
  func itsNetworkHasTheAccuracyThatWasRecorded(normalization: String) throws {
    let dataset = try SmallDataset(trainingCount: 160)
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text("normalization: \(normalization)\n" + Self.experiment, name: "test"),
          dataset: dataset.folder.path, runsDirectory: dataset.folder.appending(path: "runs").path)))
    let results = probe.finish()
    probe.engine.close()
    guard case .started(let run)? = probe.events.first, let directory = run.directory else {
      Issue.record("no run")
      return
    }
    // In another folder, without other files.
    let folder = dataset.folder.appending(path: "elsewhere")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let images = try Data(contentsOf: dataset.folder.appending(path: "t10k-images-idx3-ubyte")).dropFirst(16)
    let labels = try Data(contentsOf: dataset.folder.appending(path: "t10k-labels-idx1-ubyte")).dropFirst(8)
    #expect(results.count == 4)
    for (lane, result) in results {
      let name = "\(lane)-1-\(result.steps).safetensors"
      let file = folder.appending(path: name)
      try FileManager.default.copyItem(atPath: "\(directory)/checkpoints/\(name)", toPath: file.path)
      let checkpoint = try NetworkCheckpoint(path: file.path)
      #expect(checkpoint.lane == lane && checkpoint.step == result.steps)
      #expect(checkpoint.data.classes == ["0", "1", "2", "3"])
      #expect(checkpoint.data.image == ImageShape(height: 4, width: 4, channels: 1))

      let compute = Compute(threads: 1)
      let network = try checkpoint.makeNetwork(compute)
      #expect(TensorDigest.sha256(network.state) == result.weightsSHA256)
      let input = Tensor(rows: 0, columns: checkpoint.data.image.features)
      try checkpoint.data.prepare(
        input, of: ByteStorage(Array(images)), Array(0..<Int32(labels.count))[...])
      let logits = network.forward(input, PassContext(compute: compute, isTraining: false))
      let correct = compute.countCorrect(logits, labels: Array(labels))
      #expect(Double(correct) / Double(labels.count) == result.testAccuracy, "\(lane)")
    }
  }

  @Test func whatIsNoCheckpointIsRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func message(_ metadata: [String: String]) throws -> String {
      let path = folder.appending(path: "\(UUID().uuidString).safetensors").path
      _ = try SafetensorsImage([("a", .tensor(Tensor(rows: 1, columns: 2)))], metadata: metadata).write(to: path)
      do {
        _ = try NetworkCheckpoint(path: path)
        return "nothing"
      } catch {
        #expect("\(error)".hasPrefix("\(path): "))
        return "\(error)"
      }
    }
    #expect(try message([:]).contains("expected a checkpoint with “network” in its metadata, found none"))
    #expect(try message(["network": "{}"]).contains("“network” of the metadata"))
    let network = """
      {"input":{"height":1,"width":1,"channels":4},"layers":[{"layer":"linear","name":"output","outputs":3,"bias":true,\
      "weights":{"kind":"sign","scaled":false}}]}
      """
    let data = """
      {"dataset":"d","image":{"height":2,"width":2,"channels":1},"classes":["a","b"],"preparation":"scale"}
      """
    let state = #"{"plan":{"precision":"float32"},"step":4}"#
    #expect(
      try message(["network": network, "data": data, "state": state])
        .contains("expected one output per class (2), found 3"))
    let fitting = data.replacing(#"["a","b"]"#, with: #"["a","b","c"]"#)
    #expect(
      try message(["network": network, "data": fitting.replacing("2", with: "3"), "state": state])
        .contains("expected a network for images of 3×3×1"))
    #expect(try message(["network": network, "data": fitting, "state": state]) == "nothing")
  }
}
