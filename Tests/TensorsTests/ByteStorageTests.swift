import Foundation
import Tensors
import Testing

@Suite("Bytes in memory and in mapped files")
struct ByteStorageTests {
  /// Both kinds of storage of the same bytes.
  private static func both(_ bytes: [UInt8]) throws -> [ByteStorage] {
    let url = FileManager.default.temporaryDirectory.appending(path: "signflip-tests-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    // A mapped file stays readable after it is removed.
    defer { try? FileManager.default.removeItem(at: url) }
    return try [ByteStorage(bytes), ByteStorage(mapping: url.path(percentEncoded: false))]
  }

  @Test("the bytes are the same in memory and in a mapped file")
  func contents() throws {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let both = try Self.both(bytes)
    #expect(both.map(\.staysInFile) == [false, true])
    for storage in both {
      #expect(storage.count == 10_000)
      #expect(storage[9_999] == bytes[9_999])
      #expect([UInt8](storage) == bytes)
      #expect(TensorDigest.sha256(storage) == TensorDigest.sha256(bytes))
      let rest = storage.droppingFirst(4_097)
      #expect(rest.staysInFile == storage.staysInFile)
      #expect([UInt8](rest) == [UInt8](bytes[4_097...]))
      #expect(rest[0] == bytes[4_097])
      #expect(rest != storage)
      #expect(storage.droppingFirst(10_000).isEmpty)
    }
    #expect(both[0] == both[1])
    #expect(both[0].hashValue == both[1].hashValue)
    #expect(both[0].droppingFirst(1) == both[1].droppingFirst(1))
  }

  @Test("images are taken from a mapped file as from memory")
  func gather() throws {
    let rows = try Self.both([9, 9, 0, 255, 51, 102, 153, 204]).map { storage in
      let tensor = Tensor(rows: 0, columns: 3)
      tensor.gather(
        storage.droppingFirst(2), [1, 0], shape: ImageShape(features: 3),
        scale: PixelScale(range: 0...255, channels: 3))
      return tensor.values
    }
    #expect(rows == [[102, 153, 204, 0, 255, 51], [102, 153, 204, 0, 255, 51]])
  }

  @Test("a file that can't be mapped is an error", arguments: ["/nowhere", "/", "/dev/null"])
  func failure(path: String) {
    #expect(throws: POSIXError.self) { try ByteStorage(mapping: path) }
  }
}
