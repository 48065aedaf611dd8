private import NeuralNetworks
private import Tensors

extension ExportFormat {
  /// The trained tensors as safetensors, for PyTorch and others.
  package static let safetensors = ExportFormat(
    name: "safetensors", summary: "the trained tensors, for PyTorch and others", suffix: "safetensors"
  ) { request in
    let image = try SafetensorsImage(
      request.tensors.map { ($0.name, .numbers($0.values, shape: $0.shape)) },
      metadata: Dictionary(try request.words) { first, _ in first })
    return [ExportedFile(name: "\(request.name).safetensors", bytes: image.bytes)]
  }
}

extension ExportRequest {
  /// What the tensors' files say beside them.
  var words: [(String, String)] {
    get throws {
      let layers = try network.map { ("layers", try ExportMetadata.json($0)) }
      return try ExportMetadata(model).pairs + [layers].compactMap { $0 } + [
        (
          "layout",
          "NAME.weights are those that products read, with their scale: linear [outputs, inputs], convolution [outputs, channels, "
            + "rows, columns]; a linear layer behind a flatten reads rows, columns, channels: x.permute(0, 2, 3, 1).flatten(1)"
        )
      ]
    }
  }
}
