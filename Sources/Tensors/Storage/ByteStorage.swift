private import Foundation

/// Immutable bytes, in memory or in a mapped file.
package struct ByteStorage: Sendable {
  enum Place: Sendable {
    case memory([UInt8])
    // Whether others map the file too, so that its pages are in memory anyway.
    case file(MappedFile, Range<Int>, isShared: Bool)
  }

  let place: Place

  /// Bytes in memory.
  package init(_ bytes: [UInt8]) { place = .memory(bytes) }

  /// The bytes of a file, read on access. The file must not be truncated meanwhile.
  /// - Throws: `POSIXError` if it can't be opened or mapped, or is empty.
  package init(mapping path: String) throws {
    let file = try MappedFile(path: path)
    place = .file(file, 0..<file.count, isShared: false)
  }

  /// The bytes of a file that other processes map too: instead of bytes in the memory of each.
  /// - Throws: `POSIXError` if it can't be opened or mapped, or is empty.
  package init(sharing path: String) throws {
    let file = try MappedFile(path: path)
    place = .file(file, 0..<file.count, isShared: true)
  }

  private init(_ place: Place) { self.place = place }

  /// Whether the bytes are in a file because they are too many for memory: they are not to be read more often than needed.
  package var staysInFile: Bool {
    if case .file(_, _, isShared: false) = place { true } else { false }
  }

  /// All but the first `k` bytes, without copying those of a file.
  package func droppingFirst(_ k: Int) -> ByteStorage { part(k..<count) }

  /// The bytes in a range, without copying those of a file.
  package func part(_ part: Range<Int>) -> ByteStorage {
    precondition(part.lowerBound >= 0 && part.upperBound <= count, "there are \(count) bytes")
    return switch place {
    case .memory(let bytes): ByteStorage([UInt8](bytes[part]))
    case .file(let file, let range, let isShared):
      ByteStorage(
        .file(file, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound, isShared: isShared))
    }
  }

  /// Calls a function with the bytes.
  func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Value) rethrows -> Value {
    switch place {
    case .memory(let bytes): try bytes.withUnsafeBufferPointer(body)
    case .file(let file, let range, _): try withExtendedLifetime(file) { try body(file.bytes(in: range)) }
    }
  }
}

extension ByteStorage: RandomAccessCollection {
  package var startIndex: Int { 0 }

  package var endIndex: Int {
    switch place {
    case .memory(let bytes): bytes.count
    case .file(_, let range, _): range.count
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
  /// Whether the bytes are equal, wherever they are stored.
  package static func == (left: ByteStorage, right: ByteStorage) -> Bool {
    left.withBytes { a in right.withBytes { b in a.count == b.count && a.elementsEqual(b) } }
  }

  package func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

/// A file that is mapped into memory for reading, until the last reference is released.
///
/// Its pages are read on access, and evicted when memory is short. Accessing a part that was truncated meanwhile
/// terminates the process, so only files too large to be copied are mapped.
final class MappedFile: Sendable {
  // Never written to.
  nonisolated(unsafe) private let base: UnsafeMutableRawPointer
  let count: Int

  /// Maps a whole file.
  /// - Throws: `POSIXError` if it can't be opened or mapped, or is empty.
  init(path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MappedFile.systemError() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw MappedFile.systemError() }
    count = Int(status.st_size)
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      throw MappedFile.systemError()
    }
    self.base = base
  }

  deinit { munmap(base, count) }

  /// The bytes in a range, valid for the lifetime of this object.
  func bytes(in range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      rebasing: UnsafeRawBufferPointer(start: base, count: count).assumingMemoryBound(to: UInt8.self)[range])
  }

  private static func systemError() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
