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

  @Test("a copy has the same shape and elements, in memory of its own")
  func copy() {
    let source = Tensor(rows: 3, columns: 2, seed: 1)
    let copy = Tensor(rows: 0, columns: 2)
    copy.copy(from: source)
    #expect(copy.values == source.values)
    copy.fill(7)
    #expect(copy.values == [Float](repeating: 7, count: 6))
    #expect(!source.values.contains(7))
  }

  @Test("a view is the same memory in another shape")
  func views() {
    let tensor = Tensor(rows: 3, columns: 4, values: (0..<12).map(Float.init))
    let rows = tensor.view(rows: 1..<3)
    #expect((rows.rows, rows.columns) == (2, 4))
    #expect(rows.values == (4..<12).map(Float.init))
    let pairs = rows.view(columns: 2)
    #expect((pairs.rows, pairs.columns) == (4, 2))
    pairs[3, 1] = -1
    #expect(tensor[2, 3] == -1)
    #expect(pairs.sharesMemory(with: tensor))
    // A tensor that must grow moves, and other tensors do not change.
    pairs.resize(rows: 5)
    #expect(!pairs.sharesMemory(with: tensor))
    #expect(Array(pairs.values.prefix(2)) == [4, 5])
    #expect(!Tensor(rows: 1, columns: 1).sharesMemory(with: tensor))
  }

  // Python: hashlib.sha256(struct.pack("<3f", 1, -2, 0.5))
  @Test("the digest is that of the bytes, little-endian float32")
  func digest() {
    let tensors = [Tensor(rows: 1, columns: 2, values: [1, -2]), Tensor(rows: 1, columns: 1, values: [0.5])]
    #expect(TensorDigest.sha256(tensors) == "2ce4bdb6b34a50ac7092eb9fee94337a27498e9eb9bae44192f15b88831b2422")
  }
}
