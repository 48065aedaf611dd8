/// Numbers as they stand in files: little-endian, without gaps, at any place.
package enum LittleEndian {
  /// Reads numbers, without a copy in between.
  /// - Parameter range: the bytes to read; bytes at its end that fill no number are left out.
  package static func numbers<Number: BitwiseCopyable>(
    _ type: Number.Type, in bytes: ByteStorage, _ range: Range<Int>
  ) -> [Number] {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "bytes \(range) do not exist")
    let size = MemoryLayout<Number>.size
    let count = range.count / size
    return [Number](unsafeUninitializedCapacity: count) { target, initialized in
      bytes.withBytes { source in
        let part = source[range.lowerBound..<range.lowerBound + count * size]
        let raw = UnsafeMutableRawBufferPointer(target)
        raw.copyMemory(from: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: part)))
        reorder(raw, size: size)
      }
      initialized = count
    }
  }

  /// The bytes of numbers.
  package static func bytes<Number: BitwiseCopyable>(of numbers: [Number]) -> [UInt8] {
    let size = MemoryLayout<Number>.size
    return [UInt8](unsafeUninitializedCapacity: numbers.count * size) { target, initialized in
      numbers.withUnsafeBytes { source in
        let raw = UnsafeMutableRawBufferPointer(target)
        raw.copyMemory(from: source)
        reorder(raw, size: size)
      }
      initialized = numbers.count * size
    }
  }

  // Turns the bytes of each number around on machines whose numbers begin with the greatest byte.
  private static func reorder(_ bytes: UnsafeMutableRawBufferPointer, size: Int) {
    #if _endian(big)
      for first in stride(from: 0, to: bytes.count - size + 1, by: size) {
        var number = UnsafeMutableRawBufferPointer(rebasing: bytes[first..<first + size])
        number.reverse()
      }
    #endif
  }
}
