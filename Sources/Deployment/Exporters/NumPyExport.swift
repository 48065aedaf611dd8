private import NeuralNetworks
private import Tensors

extension ExportFormat {
  /// The trained tensors and the packed network as arrays of NumPy.
  ///
  /// Beside the tensors under their names there are `packed.N.WHAT`, the numbers of operation N of the packed network as they
  /// stand in the packed file; `packed.graph`, its operations in JSON; and the texts of the metadata.
  package static let numpy = ExportFormat(
    name: "numpy", summary: "the trained tensors, and the packed network's bits, as arrays of NumPy", suffix: "npz"
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
  /// The numbers' type as NumPy writes it.
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
