import Deployment
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import Testing

/// Damaged, truncated, hostile and other files are rejected with the reason; accepted models can be run.
///
/// `SIGNFLIP_MUTATIONS=1000000 swift test --filter HostileFileTests` tries a million files; `SIGNFLIP_SEED` chooses others.
@Suite struct HostileFileTests {
  private static let mutations = number("SIGNFLIP_MUTATIONS") ?? 3000
  private static let seed = number("SIGNFLIP_SEED") ?? 0

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  @Test(arguments: Sample.small.indices) func mutatedFilesAreRefusedOrRun(index: Int) throws {
    let original = try Sample.small[index].file().bytes
    let model = try PackedModel(fileBytes: ByteStorage(original))
    let file = try PackedFile(ByteStorage(original))
    var mutator = Mutator(seed: UInt64(truncatingIfNeeded: Self.seed) &* 1000 &+ UInt64(index))
    let compute = Compute(threads: 1)
    var (read, ran) = (0, 0)
    let count = Self.mutations / Sample.small.count
    for number in 0..<count {
      let isForged = number % 4 != 0
      let bytes = isForged ? try mutator.forged(file) : mutator.damaged(original)
      let found: PackedModel
      do {
        found = try PackedModel(fileBytes: ByteStorage(bytes))
      } catch let error as PackedFileError {
        #expect(!error.description.isEmpty && error.description.count < 2000)
        continue
      } catch {
        Issue.record("mutation \(number): \(error)")
        continue
      }
      read += 1
      // Without forged digests, the model must be unchanged.
      if !isForged { #expect(found == model, "mutation \(number) is another model") }
      // Large networks would take too long for many thousands of files.
      let cost = RuntimeCost(found.network)
      guard cost.bytes < 2e7, cost.operations < 2e7 else { continue }
      ran += 1
      let logits = PackedRuntime(found.network, compute).logits(
        of: [UInt8](repeating: 77, count: found.data.image.features))
      #expect(logits.count == found.data.classes.count)
      _ = ModelSummary(found.network)
    }
    let isLong = Self.mutations > 10_000
    if isLong { print("\(Sample.small[index].name): of \(count) mutations \(read) were read, and \(ran) run") }
    #expect(ran > count / 100)
  }

  @Test func truncatedFilesAreRefused() throws {
    let file = try Sample.small[0].file().bytes
    for count in stride(from: 0, to: file.count, by: 7) {
      #expect(throws: PackedFileError.self) { try PackedModel(fileBytes: ByteStorage([UInt8](file[..<count]))) }
    }
  }

  private static func safetensors(_ header: String, data: Int = 0) -> [UInt8] {
    LittleEndian.bytes(of: [UInt64(header.utf8.count)]) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  @Test(arguments: [
    "", "{}", "[]", "null", String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
    "{\"__metadata__\":{}}", "{\"__metadata__\":7}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,0]}}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[-9223372036854775808,9223372036854775807]}}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}",
  ])
  func foreignHeadersAreRefused(header: String) {
    for data in [0, 8, 16] {
      #expect(throws: PackedFileError.self) {
        try PackedModel(fileBytes: ByteStorage(Self.safetensors(header, data: data)))
      }
    }
  }

  @Test func aHeaderThatTakesMuchMemoryIsRefused() {
    let numbers = "[" + String(repeating: "1,", count: 2_000_000) + "1]"
    #expect(throws: PackedFileError.self) { try PackedModel(fileBytes: ByteStorage(Self.safetensors(numbers))) }
  }

  // The digests are correct, so that the checks after them are reached.
  private func refusal(_ change: (inout [String: String]) -> Void) throws -> String {
    let file = try PackedFile(ByteStorage(try Sample.small[3].file().bytes))
    var words = file.metadata
    change(&words)
    let bytes = try PackedFile(file.tensors, metadata: words).bytes()
    let error = #expect(throws: PackedFileError.self) { try PackedModel(fileBytes: ByteStorage(bytes)) }
    return error?.description ?? ""
  }

  @Test func refusalsTellTheReason() throws {
    func replacing(_ key: String, _ text: String, _ other: String) throws -> String {
      try refusal { words in
        #expect(words[key]?.contains(text) == true, "\(words[key] ?? "")")
        words[key] = words[key]?.replacingOccurrences(of: text, with: other)
      }
    }
    #expect(try replacing("version", "1.", "2.").contains("version 1, found version 2.0"))
    #expect(try replacing("format", "packed", "other").contains("another safetensors file"))
    #expect(try replacing("requires", "[]", "[\"magic\"]").contains("magic"))
    #expect(
      try replacing("data", "\"height\":11", "\"height\":9223372036854775807").contains("the size of an image"))
    #expect(try replacing("graph", "\"poolSigns\"", "\"poolMagic\"").contains("a newer signflip may know it"))
    #expect(try replacing("graph", "\"kernel\":[3,3]", "\"kernel\":[3,65537]").contains("windows over images"))
    #expect(try refusal { $0["graph"] = "[]" }.contains("expected operations, found 0"))
    #expect(try refusal { $0["graph"] = String(repeating: "[", count: 5000) }.contains("graph"))
  }

  @Test func aGreatNetworkInASmallFileIsRefused() throws {
    let image = ImageShape(height: 8192, width: 8192, channels: 1)
    var network = PackedNetwork(input: image, operations: [])
    network.operations.append(PackedOperation(layer: "input", .contrasts, inputs: [0], type: .real, output: image))
    for number in 1...20 {
      network.operations.append(
        PackedOperation(layer: "relu", .function(.relu), inputs: [number], type: .real, output: image))
    }
    let data = Sample.data(image)
    let provenance = PackedModel.Provenance(lane: "", step: 0, network: "", weightsSHA256: "", program: "")
    let error = #expect(throws: PackedFileError.self) {
      try PackedModel(network: network, data: data, provenance: provenance).fileBytes()
    }
    #expect(error?.description.contains("2048 MiB") == true)
  }

  @Test func threeMegabytesAreReadAtOnce() throws {
    let sample = Sample.perceptron(.bnn, "bnn", hidden: [4096, 4096, 2048])
    let bytes = try sample.file().bytes
    #expect(bytes.count > 3_000_000)
    let clock = ContinuousClock()
    let start = clock.now
    let found = try PackedModel(fileBytes: ByteStorage(bytes))
    let time = clock.now - start
    #expect(try found.fileBytes() == bytes)
    // It takes milliseconds; a debug build on a busy machine takes longer.
    #expect(time < .seconds(2))
  }
}

extension Sample {
  /// Networks of a few kilobytes, which together contain every kind of operation.
  static let small: [Sample] = {
    let flag = HyperparameterValue.word("true")
    let layers: [LayerPlan] = [
      conv(9), .pooling(.max, size: 2, stride: 2, border: .valid), .batchNormalization, .activation(nil),
      conv(33, stride: 2, .sameZero), .pooling(.max, size: 3, stride: 2, border: .same), .batchNormalization,
      .activation(nil), .flatten, .linear(outputs: 20, isBinary: nil), .batchNormalization, .activation(nil),
      .linear(outputs: nil, isBinary: nil), .batchNormalization,
    ]
    let residual: [LayerPlan] = [
      conv(6), .batchNormalization,
      .residual([.activation(.rsign), conv(6), .batchNormalization], shortcut: .identity), .activation(.rprelu),
      .residual([.activation(.sign), conv(8, stride: 2), .batchNormalization], shortcut: .zeroPadding), .hardtanh,
      .residual(
        [.activation(nil), conv(9, stride: 2, .sameOne), .batchNormalization],
        shortcut: .layers([.pooling(.average, size: 2, stride: 2, border: .same), conv(9, 1), .batchNormalization])),
      .activation(.relu), .globalAveragePooling, .linear(outputs: nil, isBinary: nil),
    ]
    func convolutional(_ method: Method, _ name: String, _ layers: [LayerPlan], _ options: MethodOptions = [:])
      -> Sample
    {
      var sample = Sample.convolutional(method, name, options, channels: 2, layers: layers)
      sample.data = data(ImageShape(height: 11, width: 9, channels: 2))
      return sample
    }
    return [
      perceptron(.bnn, "bnn", hidden: [20, 65]), perceptron(.ternary, "ternary", hidden: [20, 65]),
      perceptron(.doReFa, "doReFa", ["weightBits": .number(3), "activationBits": .number(4)], hidden: [20, 33]),
      convolutional(.bnn, "bnn", layers), convolutional(.xnorNet, "xnorNet, K", layers, ["inputScale": flag]),
      convolutional(.ternary, "ternary, signs", layers, ["activation": .word("sign")]),
      convolutional(.doReFa, "doReFa 2/2", layers, ["weightBits": .number(2)]),
      convolutional(.bnn, "bnn, residual", residual), convolutional(.xnorNet, "xnorNet, residual", residual),
      convolutional(.baseline, "baseline", layers),
    ]
  }()

  /// The packed network with golden samples, and its file.
  func file() throws -> (model: PackedModel, bytes: [UInt8]) {
    let compute = Compute(threads: 1)
    let trained = try network(compute)
    var model = PackedModel(
      network: try NetworkPacker.pack(trained.layout, trained.network, data), data: data,
      provenance: .init(run: "drawn", lane: name, step: 7, network: "drawn", weightsSHA256: "", program: "0"))
    let size = data.image.features
    let pixels = images(2)
    model.addGolden([Array(pixels[..<size]), Array(pixels[size...])], compute)
    return (model, try model.fileBytes())
  }
}
