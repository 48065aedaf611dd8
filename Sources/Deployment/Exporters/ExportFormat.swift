package import NeuralNetworks

/// A format that trained networks can be exported to. Each format has a source file of its own; `all` lists them.
package struct ExportFormat: Sendable {
  /// The value of `--format`.
  package let name: String
  /// A description in one line.
  package let summary: String
  /// The file name's extension; nil if a folder is written.
  package let suffix: String?
  /// Makes the files.
  package let files: @Sendable (ExportRequest) throws -> [ExportedFile]

  /// A format.
  /// - Parameter files: makes the files; throws `NetworkError` with the layer that the format can't represent.
  package init(
    name: String, summary: String, suffix: String?, files: @escaping @Sendable (ExportRequest) throws -> [ExportedFile]
  ) {
    self.name = name
    self.summary = summary
    self.suffix = suffix
    self.files = files
  }

  /// All formats. Add a new one here.
  package static let all: [ExportFormat] = [.packed, .c, .onnx, .qonnx, .safetensors, .numpy]
}

/// A network to be exported.
package struct ExportRequest: Sendable {
  /// The packed network, with golden samples.
  package var model: PackedModel
  /// The name of files and symbols: `fashion_bnn`.
  package var name: String
  /// The trained tensors in the shapes that other frameworks use; see `TrainedTensor.all(of:_:)`.
  package var tensors: [TrainedTensor]
  /// The layers as in a checkpoint; nil if unknown.
  package var network: NetworkDescription?

  /// A request.
  package init(model: PackedModel, name: String, tensors: [TrainedTensor], network: NetworkDescription? = nil) {
    self.model = model
    self.name = name
    self.tensors = tensors
    self.network = network
  }

  /// A tensor of the trained network.
  package struct TrainedTensor: Sendable {
    /// Its name in a checkpoint: `hidden1.weights`.
    package var name: String
    package var shape: [Int]
    /// The elements, row-major.
    package var values: [Float]

    package init(name: String, shape: [Int], values: [Float]) {
      (self.name, self.shape, self.values) = (name, shape, values)
    }
  }
}

/// A file of an export.
package struct ExportedFile: Sendable {
  /// The file's name. A single file is renamed to what the user asks for.
  package var name: String
  package var bytes: [UInt8]

  package init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }

  package init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }
}

extension ExportFormat {
  /// signflip's own file, which `predict`, `eval` and the C interface run on every processor.
  package static let packed = ExportFormat(
    name: "packed", summary: "signflip's own file of bits, for predict, eval and the C interface",
    suffix: "signflip"
  ) { request in
    [ExportedFile(name: "\(request.name).signflip", bytes: try request.model.fileBytes())]
  }
}
