/// Where the greatest values of a max pooling stood.
package final class PoolingChoices {
  private var buffer = AlignedBuffer<UInt8>(capacity: 0)

  /// No choices.
  package init() {}

  /// Bytes that the choices take.
  package private(set) var byteCount = 0

  func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    AlignedBuffer.reserve(&buffer, count)
    byteCount = count
    return buffer.base
  }

  var base: UnsafeMutablePointer<UInt8> { buffer.base }
}
