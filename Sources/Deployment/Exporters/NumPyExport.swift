private import NeuralNetworks
private import Tensors

extension ExportFormat {
  /// The trained tensors and the packed network as NumPy arrays.
  ///
  /// The archive contains the trained tensors under their names; `packed.N.NAME`, the tensors of operation N in the packed
  /// file; `packed.graph`, the operations in JSON; and the metadata.
  package static let numpy = ExportFormat(
    name: "numpy", summary: "the trained tensors and the packed network's bits as NumPy arrays", suffix: "npz"
  ) { request in
    var archive = StoredArchive()
    func add(_ name: String, _ type: String, _ shape: [Int], _ bytes: [UInt8]) throws {
      try archive.add("\(name).npy", NPYHeader(type: type, shape: shape).bytes + bytes)
    }
    for tensor in request.tensors {
      try add(tensor.name, "<f4", tensor.shape, FileTensor(.float32(tensor.values), shape: tensor.shape).bytes)
    }
    let graph = PackedGraph(request.model.network)
    for (name, tensor) in graph.tensors { try add("packed.\(name)", tensor.numpyType, tensor.shape, tensor.bytes) }
    let words = try request.words + [("packed.graph", try ExportMetadata.json(graph.rows))]
    for (name, text) in words {
      let (bytes, width) = NPYHeader.text([text])
      try add(name, "<U\(width)", [], bytes)
    }
    return [ExportedFile(name: "\(request.name).npz", bytes: archive.bytes)]
  }
}

extension FileTensor {
  /// NumPy's name of the element type.
  fileprivate var numpyType: String {
    switch values {
    case .bytes: "|u1"
    case .int8: "|i1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .words: "<u8"
    case .float32: "<f4"
    case .float64: "<f8"
    }
  }
}
