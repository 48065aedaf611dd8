private import Foundation
private import NeuralNetworks
private import SwiftProtobuf

extension ExportFormat {
  /// ONNX with only standard operators, for every ONNX runtime.
  package static let onnx = ExportFormat(
    name: "onnx", summary: "ONNX with standard operators, for ONNX Runtime and others", suffix: "onnx"
  ) { request in
    [ExportedFile(name: "\(request.name).onnx", bytes: try ONNXModelProto(request, .standard).fileBytes())]
  }

  /// ONNX with QONNX quantizers, which give the number of bits of each value.
  package static let qonnx = ExportFormat(
    name: "qonnx", summary: "ONNX with QONNX quantizers, for tools that build hardware", suffix: "onnx"
  ) { request in
    [ExportedFile(name: "\(request.name).onnx", bytes: try ONNXModelProto(request, .qonnx).fileBytes())]
  }
}

extension ONNXModelProto {
  // Supported since ONNX 1.8 of 2020.
  private static let (irVersion, operators): (Int64, Int64) = (7, 13)

  /// The ONNX model of a network.
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

  // Maps are written in a fixed order, so that equal models give equal files.
  fileprivate func fileBytes() throws -> [UInt8] {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    let bytes: [UInt8] = try serializedBytes(options: options)
    return bytes
  }
}
