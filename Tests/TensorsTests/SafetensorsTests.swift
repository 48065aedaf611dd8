import Foundation
import Tensors
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  private let weights = Tensor(rows: 2, columns: 3, values: [1, -2, 3.5, .infinity, 0, -0.0])

  private func image() throws -> SafetensorsImage {
    try SafetensorsImage(
      [("weights", .tensor(weights)), ("flips", .counts([0, 7, 65_535], rows: 3, columns: 1))],
      metadata: ["lane": "bi\"nary", "state": "{}"])
  }

  @Test("what is written is read back, bit for bit")
  func roundTrip() throws {
    let read = try SafetensorsImage(bytes: try image().bytes)
    let copy = Tensor(rows: 2, columns: 3)
    try read.copy("weights", into: copy)
    #expect(copy.values.map(\.bitPattern) == weights.values.map(\.bitPattern))
    #expect(try read.counts("flips", rows: 3, columns: 1) == [0, 7, 65_535])
    #expect(read.metadata == ["lane": "bi\"nary", "state": "{}"])
    #expect(read.names == ["flips", "weights"])
    #expect(read.shape(of: "weights") == [2, 3])
  }

  @Test("the bytes are the format's own")
  func layout() throws {
    let bytes = try image().bytes
    let length = Int(bytes[0]) | Int(bytes[1]) << 8
    #expect(length % 8 == 0)
    let header = try #require(
      try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: [String: Any]])
    #expect(header["weights"]?["dtype"] as? String == "F32")
    #expect(header["weights"]?["shape"] as? [Int] == [2, 3])
    #expect(header["weights"]?["data_offsets"] as? [Int] == [0, 24])
    #expect(header["flips"]?["data_offsets"] as? [Int] == [24, 30])
    #expect(bytes.count == 8 + length + 30)
    // 1.0 as little-endian float32.
    #expect(Array(bytes[(8 + length)..<(12 + length)]) == [0, 0, 0x80, 0x3F])
  }

  @Test("truncated files are refused")
  func cutShort() throws {
    let bytes = try image().bytes
    for count in [0, 7, 8, 20, bytes.count - 1] {
      #expect(throws: SafetensorsError.self) { try SafetensorsImage(bytes: Array(bytes[..<count])) }
    }
  }

  @Test(
    "headers that lie are refused with the reason",
    arguments: [
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
        "tensor a: expected F32 of shape [2], found bytes [0, 4] of 4"
      ),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "found bytes [4, 0] of 4"),
      (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "of shape [-1]"),
      (
        #"{"a":{"dtype":"F32","shape":[9000000000000000000,4],"data_offsets":[0,4]}}"#,
        "of shape [9000000000000000000, 4]"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[9000000000000000000,0,9],"data_offsets":[0,0]}}"#,
        "of shape [9000000000000000000, 0, 9]"
      ),
      (
        #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,9223372036854775807]}}"#,
        "found bytes [0, 9223372036854775807] of 4"
      ),
      (
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
        "tensor b: expected its bytes from 4, found them from 0"
      ),
      (
        #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#,
        "tensor a: expected its bytes from 0, found them from 1"
      ),
      (#"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"#, "found 1 bytes after the last one"),
      (#"{"a":{"dtype":"Q7","shape":[1],"data_offsets":[0,4]}}"#, "expected a header in JSON"),
      ("[]", "expected a header in JSON"), ("{", "expected a header in JSON"),
    ])
  func lies(header: String, reason: String) {
    let head = Array(header.utf8)
    let bytes = [UInt8(head.count), 0, 0, 0, 0, 0, 0, 0] + head + [0, 0, 0, 0]
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsImage(bytes: bytes) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    #expect(throws: SafetensorsError.self) {
      try SafetensorsHeader(reading: ByteStorage(bytes), largest: 1)
    }
  }

  @Test("a tensor of another shape, or none, is refused with both shapes")
  func otherShape() throws {
    let image = try image()
    let other = Tensor(rows: 3, columns: 2)
    let error = #expect(throws: SafetensorsError.self) { try image.copy("weights", into: other) }
    #expect(error?.message == "tensor weights: expected F32 of shape [3, 2], found F32 of shape [2, 3]")
    #expect(throws: SafetensorsError.self) { try image.copy("biases", into: other) }
    #expect(throws: SafetensorsError.self) { try image.counts("weights", rows: 2, columns: 3) }
  }

  @Test("a file that was altered by a bit is refused")
  func alteredFile() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let written = try image().write(to: path)
    #expect(try SafetensorsImage.read(path, sha256: written.sha256).bytes == image().bytes)
    var bytes = try Data(contentsOf: URL(filePath: path))
    #expect(bytes.count == written.bytes)
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(filePath: path))
    #expect(throws: SafetensorsError.self) { try SafetensorsImage.read(path, sha256: written.sha256) }
    #expect(throws: POSIXError(.EEXIST)) { try image().write(to: path) }
  }
}
