/// Memory for `capacity` trivial elements, aligned to a cache line and set to zero.
final class AlignedBuffer<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    let bytes = max(1, capacity) * MemoryLayout<Element>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    base = raw.assumingMemoryBound(to: Element.self)
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }
}

extension AlignedBuffer {
  /// Another buffer where this one is too small; its elements are then zero.
  static func reserve(_ buffer: inout AlignedBuffer, _ count: Int) {
    if buffer.capacity < count { buffer = AlignedBuffer(capacity: count) }
  }
}
