import Foundation
package import NIOCore

/// Splits a stream of bytes into lines. It stores at most one incomplete line.
package struct LineSplitter {
  private let limit: Int
  private var buffer = ByteBuffer()
  // Number of bytes that were searched without finding an end of line.
  private var searched = 0

  /// A splitter of lines of up to `limit` bytes.
  package init(limit: Int) { self.limit = limit }

  /// Adds bytes at the end.
  package mutating func append(_ bytes: ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = bytes
    } else {
      buffer.writeImmutableBuffer(bytes)
    }
  }

  /// Returns the next complete line without its end; nil if there is none yet.
  /// - Throws: `ServiceError.malformed` if the line is longer than the limit.
  package mutating func next() throws -> ByteBuffer? {
    let unsearched = buffer.readableBytesView.dropFirst(searched)
    guard let end = unsearched.firstIndex(of: UInt8(ascii: "\n")) else {
      searched = buffer.readableBytes
      guard searched <= limit else { throw tooLong }
      buffer.discardReadBytes()
      return nil
    }
    let length = end - buffer.readerIndex
    guard length <= limit else { throw tooLong }
    searched = 0
    let line = buffer.readSlice(length: length)
    buffer.moveReaderIndex(forwardBy: 1)
    return line
  }

  private var tooLong: ServiceError { ServiceError(.malformed, "expected lines of at most \(limit) bytes") }
}

extension ByteBuffer {
  /// Writes a value as a line of JSON.
  mutating func writeLine(_ value: some Encodable, with encoder: JSONEncoder) throws {
    writeBytes(try encoder.encode(value))
    writeInteger(UInt8(ascii: "\n"))
  }
}
