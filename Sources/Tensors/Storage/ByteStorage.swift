/// Bytes that don't change: in memory, or in a file that is mapped.
package struct ByteStorage: Sendable {
  enum Place: Sendable {
    case memory([UInt8])
    case file(MappedFile, Range<Int>)
  }

  let place: Place

  /// Bytes in memory.
  package init(_ bytes: [UInt8]) { place = .memory(bytes) }

  /// The bytes of a file, read when they are looked at. The file must not be shortened meanwhile.
  /// - Throws: `POSIXError` where it can't be opened or mapped, or is empty.
  package init(mapping path: String) throws {
    let file = try MappedFile(path: path)
    place = .file(file, 0..<file.count)
  }

  private init(_ place: Place) { self.place = place }

  /// Whether they lie in a file.
  package var isMapped: Bool {
    if case .file = place { true } else { false }
  }

  /// All but the first `k` bytes; those of a file stay there.
  package func droppingFirst(_ k: Int) -> ByteStorage {
    precondition(k >= 0 && k <= count, "there are \(count) bytes")
    return switch place {
    case .memory(let bytes): ByteStorage([UInt8](bytes.dropFirst(k)))
    case .file(let file, let range): ByteStorage(.file(file, range.dropFirst(k)))
    }
  }

  /// Calls a function with the bytes.
  func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Value) rethrows -> Value {
    switch place {
    case .memory(let bytes): try bytes.withUnsafeBufferPointer(body)
    case .file(let file, let range): try withExtendedLifetime(file) { try body(file.bytes(in: range)) }
    }
  }
}
