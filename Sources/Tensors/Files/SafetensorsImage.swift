/// Named tensors and metadata in the safetensors format, as the bytes of a file.
/// - SeeAlso: `SafetensorsHeader`
package struct SafetensorsImage: Sendable {
  /// The file's bytes.
  package let bytes: [UInt8]
  /// The metadata.
  package let metadata: [String: String]

  private let index: [String: SafetensorsHeader.Entry]

  /// The source of a tensor.
  package enum Source {
    /// A float32 matrix.
    case tensor(Tensor)
    /// A bfloat16 matrix.
    case halves(HalfTensor)
    /// 16-bit unsigned integers of shape `[rows, columns]`.
    case counts([UInt16], rows: Int, columns: Int)
    /// float32 numbers of any shape.
    case numbers([Float], shape: [Int])

    fileprivate var shape: [Int] {
      switch self {
      case .tensor(let tensor): [tensor.rows, tensor.columns]
      case .halves(let tensor): [tensor.rows, tensor.columns]
      case .counts(_, let rows, let columns): [rows, columns]
      case .numbers(_, let shape): shape
      }
    }
    fileprivate var type: SafetensorsHeader.ElementType {
      switch self {
      case .tensor, .numbers: .float32
      case .halves: .bfloat16
      case .counts: .uint16
      }
    }
  }

  /// Creates an image from tensors, in order, and metadata.
  package init(_ tensors: [(name: String, source: Source)], metadata: [String: String]) throws {
    let parts: [SafetensorsHeader.Part] = tensors.map { name, source in
      (name, source.type, source.shape, source.shape.reduce(source.type.size, *))
    }
    let header = try SafetensorsHeader.bytes(of: parts, metadata: metadata, alignment: 8)
    let total = parts.reduce(header.count) { $0 + $1.bytes }
    let bytes = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
      var place = 0
      func append(_ part: UnsafeRawBufferPointer) {
        guard let start = part.baseAddress, let base = buffer.baseAddress else { return }
        UnsafeMutableRawPointer(base + place).copyMemory(from: start, byteCount: part.count)
        place += part.count
      }
      header.withUnsafeBytes { append($0) }
      for (_, source) in tensors {
        switch source {
        case .tensor(let tensor):
          append(UnsafeRawBufferPointer(UnsafeBufferPointer(start: tensor.base, count: tensor.count)))
        case .halves(let tensor):
          append(UnsafeRawBufferPointer(UnsafeBufferPointer(start: tensor.base, count: tensor.count)))
        case .counts(let counts, _, _): counts.withUnsafeBytes { append($0) }
        case .numbers(let numbers, _): numbers.withUnsafeBytes { append($0) }
        }
      }
      count = place
    }
    try self.init(bytes: bytes)
  }

  /// Parses the bytes of a file.
  /// - Throws: `SafetensorsError` if they are truncated or not in safetensors format.
  package init(bytes: [UInt8]) throws(SafetensorsError) {
    let header = try SafetensorsHeader(reading: ByteStorage(bytes))
    self.bytes = bytes
    metadata = header.metadata
    index = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0) })
  }

  /// The tensors' names, in alphabetical order.
  package var names: [String] { index.keys.sorted() }

  /// Returns whether there is a tensor of this name.
  package func contains(_ name: String) -> Bool { index[name] != nil }

  /// Returns the shape of a tensor; nil if there is none of this name.
  package func shape(of name: String) -> [Int]? { index[name]?.shape }

  /// Returns the type of a tensor's elements; nil if there is none of this name.
  package func type(of name: String) -> SafetensorsHeader.ElementType? { index[name]?.type }

  /// Copies the elements of a tensor into `tensor`.
  /// - Throws: `SafetensorsError` if no tensor has this name, shape and type.
  package func copy(_ name: String, into tensor: Tensor) throws(SafetensorsError) {
    copy(try range(of: name, .float32, rows: tensor.rows, columns: tensor.columns), to: tensor.base)
  }

  /// Copies the elements of a bfloat16 tensor into `tensor`.
  /// - Throws: `SafetensorsError` if no tensor has this name, shape and type.
  package func copy(_ name: String, into tensor: HalfTensor) throws(SafetensorsError) {
    copy(try range(of: name, .bfloat16, rows: tensor.rows, columns: tensor.columns), to: tensor.base)
  }

  private func copy(_ range: Range<Int>, to target: UnsafeMutableRawPointer) {
    bytes.withUnsafeBytes { source in
      if let start = source.baseAddress, !range.isEmpty {
        target.copyMemory(from: start + range.lowerBound, byteCount: range.count)
      }
    }
  }

  /// Returns the integers of a tensor.
  /// - Throws: `SafetensorsError` if no tensor has this name, shape and type.
  package func counts(_ name: String, rows: Int, columns: Int) throws(SafetensorsError) -> [UInt16] {
    let range = try range(of: name, .uint16, rows: rows, columns: columns)
    return [UInt16](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      bytes.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
      }
      count = rows * columns
    }
  }

  private func range(
    of name: String, _ type: SafetensorsHeader.ElementType, rows: Int, columns: Int
  ) throws(SafetensorsError) -> Range<Int> {
    guard let entry = index[name], entry.type == type, entry.shape == [rows, columns] else {
      let found = index[name].map { "\($0.type.rawValue) of shape \($0.shape)" } ?? "none"
      throw SafetensorsError(
        message: "tensor \(name): expected \(type.rawValue) of shape [\(rows), \(columns)], found \(found)")
    }
    return entry.range
  }
}
