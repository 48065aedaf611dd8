private import NeuralNetworks
private import Tensors

extension ExportFormat {
  /// The trained tensors in safetensors format, for PyTorch and others.
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
  /// The metadata of files with the trained tensors.
  var words: [(String, String)] {
    get throws {
      let layers = try network.map { ("layers", try ExportMetadata.json($0)) }
      return try ExportMetadata(model).pairs + [layers].compactMap { $0 } + [
        (
          "layout",
          "NAME.weights are the weights of the products, with their scale: linear [outputs, inputs], convolution [outputs, channels, "
            + "rows, columns]; a linear layer after a flatten layer reads rows, columns, channels: x.permute(0, 2, 3, 1).flatten(1)"
        )
      ]
    }
  }
}
