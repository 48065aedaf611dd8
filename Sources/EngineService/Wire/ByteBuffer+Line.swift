import Foundation
import NIOCore

extension ByteBuffer {
  /// Writes a value as a line of JSON.
  mutating func writeLine(_ value: some Encodable, with encoder: JSONEncoder) throws {
    writeBytes(try encoder.encode(value))
    writeInteger(UInt8(ascii: "\n"))
  }
}
