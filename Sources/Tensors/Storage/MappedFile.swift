private import Foundation

/// A file that is mapped into memory for reading, until the last reference is gone.
///
/// Its pages are read when they are looked at, and dropped when memory is short. Whoever shortens the file meanwhile
/// ends the process that looks at what is gone, so only files too large to be copied are worth it.
final class MappedFile: Sendable {
  // Never written to.
  nonisolated(unsafe) private let base: UnsafeMutableRawPointer
  let count: Int

  /// Maps a whole file.
  /// - Throws: `POSIXError` where it can't be opened or mapped, or is empty.
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

  /// The bytes in a range, for as long as this object lives.
  func bytes(in range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      rebasing: UnsafeRawBufferPointer(start: base, count: count).assumingMemoryBound(to: UInt8.self)[range])
  }

  private static func systemError() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
