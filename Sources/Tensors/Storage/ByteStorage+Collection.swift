extension ByteStorage: RandomAccessCollection {
  package var startIndex: Int { 0 }

  package var endIndex: Int {
    switch place {
    case .memory(let bytes): bytes.count
    case .file(_, let range): range.count
    }
  }

  package subscript(index: Int) -> UInt8 {
    withBytes { bytes in
      precondition(index >= 0 && index < bytes.count, "byte \(index) does not exist")
      return bytes[index]
    }
  }

  package func withContiguousStorageIfAvailable<Value>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Value
  ) rethrows -> Value? {
    try withBytes(body)
  }
}

extension ByteStorage: Hashable {
  /// Whether the bytes are the same, wherever they lie.
  package static func == (left: ByteStorage, right: ByteStorage) -> Bool {
    left.withBytes { a in right.withBytes { b in a.count == b.count && a.elementsEqual(b) } }
  }

  package func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
