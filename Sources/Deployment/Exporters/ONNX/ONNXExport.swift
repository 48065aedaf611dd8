private import Foundation
private import NeuralNetworks
private import SwiftProtobuf

extension ExportFormat {
  /// ONNX with standard operators alone, which every runtime of ONNX runs.
  package static let onnx = ExportFormat(
    name: "onnx", summary: "ONNX with standard operators, for ONNX Runtime and others", suffix: "onnx"
  ) { request in
    [ExportedFile(name: "\(request.name).onnx", bytes: try ONNXModelProto(request, .standard).fileBytes())]
  }

  /// ONNX with QONNX's quantizers, which say how many bits each value has.
  package static let qonnx = ExportFormat(
    name: "qonnx", summary: "ONNX with QONNX's quantizers, for tools that build hardware", suffix: "onnx"
  ) { request in
    [ExportedFile(name: "\(request.name).onnx", bytes: try ONNXModelProto(request, .qonnx).fileBytes())]
  }
}

extension ONNXModelProto {
  // ONNX 1.8 of 2020 and all that came later read these.
  private static let (irVersion, operators): (Int64, Int64) = (7, 13)

  /// The model of a network.
  fileprivate init(_ request: ExportRequest, _ dialect: ONNXDialect) throws {
    self.init()
    let (model, provenance) = (request.model, request.model.provenance)
    irVersion = Self.irVersion
    producerName = "signflip"
    producerVersion = provenance.program
    docString = "\(provenance.network), trained on \(model.data.dataset)"
    opsetImport = [.with { $0.version = Self.operators }]
    if dialect == .qonnx {
      opsetImport.append(
        .with {
          $0.domain = ONNXDialect.quantizers
          $0.version = 1
        })
    }
    graph = ONNXLowering.graph(of: model.network, name: request.name, dialect)
    metadataProps = try ExportMetadata(model).pairs.map { pair in
      .with { ($0.key, $0.value) = pair }
    }
  }

  // Maps come in the same order each time: equal models are equal files.
  fileprivate func fileBytes() throws -> [UInt8] {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    let bytes: [UInt8] = try serializedBytes(options: options)
    return bytes
  }
}
