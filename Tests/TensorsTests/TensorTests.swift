import Tensors
import Testing

@Suite("Tensor")
struct TensorTests {
  @Test("elements stand row by row")
  func layout() {
    let tensor = Tensor(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
    #expect(tensor[0, 2] == 3)
    #expect(tensor[1, 0] == 4)
    tensor[1, 1] = 9
    #expect(tensor.values == [1, 2, 3, 4, 9, 6])
  }

  @Test("a resize keeps the rows that still fit")
  func resize() {
    let tensor = Tensor(rows: 2, columns: 2, values: [1, 2, 3, 4])
    tensor.resize(rows: 1)
    #expect(tensor.values == [1, 2])
    tensor.resize(rows: 40)
    #expect(tensor.count == 80)
    #expect(Array(tensor.values.prefix(2)) == [1, 2])
  }

  @Test("a copy takes shape and elements, and is a place of its own")
  func copy() {
    let source = Tensor(rows: 3, columns: 2, seed: 1)
    let copy = Tensor(rows: 0, columns: 2)
    copy.copy(from: source)
    #expect(copy.values == source.values)
    copy.fill(7)
    #expect(copy.values == [Float](repeating: 7, count: 6))
    #expect(!source.values.contains(7))
  }

  // Python: hashlib.sha256(struct.pack("<3f", 1, -2, 0.5))
  @Test("the digest is that of the bytes, little-endian float32")
  func digest() {
    let tensors = [Tensor(rows: 1, columns: 2, values: [1, -2]), Tensor(rows: 1, columns: 1, values: [0.5])]
    #expect(TensorDigest.sha256(tensors) == "2ce4bdb6b34a50ac7092eb9fee94337a27498e9eb9bae44192f15b88831b2422")
  }
}

@Suite("Images as rows")
struct ImageTests {
  @Test("pixels go linearly to the range, in the order of the indices")
  func gather() {
    let tensor = Tensor(rows: 0, columns: 3)
    tensor.gather(ByteStorage([0, 255, 51, 102, 153, 204]), [1, 0, 1], range: -1...1)
    let expected: [Float] = [-0.2, 0.2, 0.6, -1, 1, -0.6, -0.2, 0.2, 0.6]
    #expect(tensor.rows == 3)
    #expect(zip(tensor.values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}
