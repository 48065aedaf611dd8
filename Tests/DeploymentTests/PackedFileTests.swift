import Deployment
import NeuralNetworks
import Tensors
import Testing

/// Reading a written model gives the same model.
@Suite struct PackedFileTests {
  @Test(arguments: Sample.all.indices)
  func aModelIsReadAsItWasWritten(index: Int) throws {
    let sample = Sample.all[index]
    let compute = Compute(threads: 1)
    let model = try sample.model(compute)
    let bytes = try model.fileBytes()
    let read = try PackedModel(fileBytes: ByteStorage(bytes))
    #expect(GoldenCheck(read, compute).wrong.isEmpty)
    #expect(try read.fileBytes() == bytes)
  }

  @Test func tensorsBeginAtMultiplesOf64() throws {
    let bytes = try Sample.perceptron(.bnn, "bnn").model(Compute(threads: 1)).fileBytes()
    let header = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    #expect((8 + header).isMultiple(of: 64))
    let text = String(decoding: bytes[8..<8 + header], as: UTF8.self)
    let offsets = text.matches(of: /"data_offsets":\[(\d+),\d+\],"dtype":"[^"]+","shape":\[[\d,]+\]/).map { $0.1 }
    #expect(offsets.count > 10)
    let starts = text.matches(of: /"(\d+\.[a-z]+)":\{"data_offsets":\[(\d+),/).compactMap { Int($0.2) }
    #expect(starts.count > 5 && starts.allSatisfy { $0.isMultiple(of: 64) })
  }

  @Test func everyChangedByteIsNoticed() throws {
    let bytes = try Sample.perceptron(.bnn, "bnn", hidden: [9]).model(Compute(threads: 1)).fileBytes()
    for place in stride(from: 0, to: bytes.count, by: 97) {
      var changed = bytes
      changed[place] ^= 0x10
      let read = try? PackedModel(fileBytes: ByteStorage(changed))
      // Padding, spaces and the names of padding have no effect.
      #expect(try read == nil || read?.fileBytes() == bytes, "byte \(place)")
    }
    for count in [0, 7, 8, 64, bytes.count / 2, bytes.count - 1] {
      #expect(throws: PackedFileError.self) { try PackedModel(fileBytes: ByteStorage(Array(bytes[..<count]))) }
    }
  }
}

extension Sample {
  /// The packed model with golden samples.
  func model(_ compute: Compute) throws -> PackedModel {
    let trained = try network(compute)
    var model = PackedModel(
      network: try NetworkPacker.pack(trained.layout, trained.network, data), data: data,
      provenance: .init(
        lane: "bnn", step: 12, network: trained.layout.description,
        weightsSHA256: TensorDigest.sha256(trained.network.state), testAccuracy: 0.5, program: "0"))
    let size = data.image.features
    model.addGolden([Array(images(1)), Array(images(2)[size...])], compute)
    return model
  }
}
