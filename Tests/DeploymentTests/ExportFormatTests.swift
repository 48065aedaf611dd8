import Deployment
import EngineProtocol
import NeuralNetworks
import Tensors
import Testing

/// Networks of every method can be exported in every format that needs no other program.
@Suite struct ExportFormatTests {
  @Test(arguments: Sample.all.indices)
  func everyFormatWritesTheSameFileTwice(index: Int) throws {
    let request = try Self.request(Sample.all[index])
    for format in ExportFormat.all {
      let (first, second) = (try format.files(request), try format.files(request))
      #expect(first.map(\.bytes) == second.map(\.bytes), "\(format.name)")
      #expect(first.allSatisfy { !$0.bytes.isEmpty }, "\(format.name)")
      #expect(format.suffix == nil || first.count == 1, "\(format.name)")
    }
  }

  @Test func namesOfFormatsDiffer() {
    #expect(Set(ExportFormat.all.map(\.name)).count == ExportFormat.all.count)
  }

  @Test func binaryWeightsAreExportedWithTheirScale() throws {
    let tensors = try Self.request(.convolutional(.xnorNet, "xnorNet")).tensors
    let weights = try #require(tensors.first { $0.name == "conv2.weights" })
    let latent = try #require(tensors.first { $0.name == "conv2.latentWeights" })
    // Filters, channels, rows, columns.
    #expect(weights.shape == [33, 31, 3, 3] && latent.shape == weights.shape)
    let size = weights.values.count / 33
    for filter in 0..<33 {
      let places = filter * size..<(filter + 1) * size
      let scale = latent.values[places].reduce(Double(0)) { $0 + Double(abs($1)) } / Double(size)
      for place in places {
        #expect((weights.values[place] < 0) == (latent.values[place] < 0))
        #expect(abs(Double(abs(weights.values[place])) - scale) < 1e-6)
      }
    }
    #expect(tensors.first { $0.name == "conv2.normalization.runningMean" }?.shape == [33])
  }

  @Test func safetensorsHaveEveryTensor() throws {
    let request = try Self.request(.perceptron(.bnn, "bnn"))
    let image = try SafetensorsImage(bytes: try ExportFormat.safetensors.files(request)[0].bytes)
    #expect(image.names == request.tensors.map(\.name).sorted())
    #expect(image.shape(of: "hidden1.weights") == [65, 63])
    #expect(image.metadata["layers"]?.contains("\"hidden1\"") == true)
    #expect(image.metadata["classes"]?.contains("\"9\"") == true)
  }

  private static func request(_ sample: Sample) throws -> ExportRequest {
    let compute = Compute(threads: 1)
    let trained = try sample.network(compute)
    let model = PackedModel(
      network: try NetworkPacker.pack(trained.layout, trained.network, sample.data), data: sample.data,
      provenance: .init(lane: "drawn", step: 7, network: "drawn", weightsSHA256: "", program: "test"))
    return ExportRequest(
      model: model, name: "drawn", tensors: ExportRequest.TrainedTensor.all(of: trained.network, trained.layout),
      network: NetworkDescription(trained.layout))
  }
}
