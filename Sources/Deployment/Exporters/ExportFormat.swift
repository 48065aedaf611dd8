package import NeuralNetworks

/// A form in which a trained network leaves: each is a file of its own beside this one; `all` lists them.
package struct ExportFormat: Sendable {
  /// The word after `--format`.
  package let name: String
  /// One line on what it is.
  package let summary: String
  /// What stands behind the last dot of a file's name; nil where a folder is written.
  package let suffix: String?
  /// Writes the files.
  package let files: @Sendable (ExportRequest) throws -> [ExportedFile]

  /// A form.
  /// - Parameter files: makes the files; throws `NetworkError`, naming the layer that the form can't have.
  package init(
    name: String, summary: String, suffix: String?, files: @escaping @Sendable (ExportRequest) throws -> [ExportedFile]
  ) {
    self.name = name
    self.summary = summary
    self.suffix = suffix
    self.files = files
  }

  /// All forms. A new one is added here.
  package static let all: [ExportFormat] = [.packed, .c, .onnx, .qonnx, .safetensors, .numpy]
}

/// What is exported.
package struct ExportRequest: Sendable {
  /// The packed network, with golden samples.
  package var model: PackedModel
  /// The name that files and symbols have: `fashion_bnn`.
  package var name: String
  /// The trained tensors in the shapes of other frameworks; see `TrainedTensor.all(of:_:)`.
  package var tensors: [TrainedTensor]
  /// The layers, as a checkpoint describes them; nil if they are unknown.
  package var network: NetworkDescription?

  /// What is exported.
  package init(model: PackedModel, name: String, tensors: [TrainedTensor], network: NetworkDescription? = nil) {
    self.model = model
    self.name = name
    self.tensors = tensors
    self.network = network
  }

  /// A tensor of the trained network.
  package struct TrainedTensor: Sendable {
    /// The name in a checkpoint: `hidden1.weights`.
    package var name: String
    /// The lengths of its axes.
    package var shape: [Int]
    /// The numbers, row by row.
    package var values: [Float]

    /// A tensor.
    package init(name: String, shape: [Int], values: [Float]) {
      (self.name, self.shape, self.values) = (name, shape, values)
    }
  }
}

/// A file of an export.
package struct ExportedFile: Sendable {
  /// Its name; of a single file the one that the user asks for takes its place.
  package var name: String
  /// Its bytes.
  package var bytes: [UInt8]

  /// A file.
  package init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }

  /// A text file.
  package init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }
}

extension ExportFormat {
  /// signflip's own file: one model for every processor, which `predict`, `eval` and the C interface run.
  package static let packed = ExportFormat(
    name: "packed", summary: "signflip's own file of bits, for predict, eval and the C interface",
    suffix: "signflip"
  ) { request in
    [ExportedFile(name: "\(request.name).signflip", bytes: try request.model.fileBytes())]
  }
}
