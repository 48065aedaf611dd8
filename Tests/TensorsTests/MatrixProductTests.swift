import Tensors
import Testing

@Suite("Matrix products")
struct MatrixProductTests {
  struct Transposition: Sendable, CustomTestStringConvertible {
    var a: Bool
    var b: Bool
    var testDescription: String { "\(a ? "Aᵀ" : "A")·\(b ? "Bᵀ" : "B")" }
    static let all = [false, true].flatMap { a in [false, true].map { Transposition(a: a, b: $0) } }
  }

  // Element (row, column) of `tensor`, or of its transpose.
  private func element(_ tensor: Tensor, _ row: Int, _ column: Int, transposed: Bool) -> Double {
    Double(transposed ? tensor[column, row] : tensor[row, column])
  }

  private func naive(_ a: Tensor, _ b: Tensor, _ form: Transposition, m: Int, n: Int, k: Int) -> [Float] {
    (0..<m).flatMap { i in
      (0..<n).map { j in
        Float(
          (0..<k).reduce(0.0) {
            $0 + element(a, i, $1, transposed: form.a) * element(b, $1, j, transposed: form.b)
          })
      }
    }
  }

  private func operands(_ form: Transposition, m: Int, n: Int, k: Int, seed: UInt64 = 1) -> (Tensor, Tensor) {
    (
      Tensor(rows: form.a ? k : m, columns: form.a ? m : k, seed: seed),
      Tensor(rows: form.b ? n : k, columns: form.b ? k : n, seed: seed + 1)
    )
  }

  @Test("float32 agrees with the sum of products", arguments: Transposition.all, [1, 2])
  func float32(form: Transposition, threads: Int) {
    let compute = Compute(threads: threads)
    for (m, n, k) in [(1, 1, 1), (5, 3, 7), (17, 10, 33), (4, 65, 2), (65, 1024, 70)] {
      let (a, b) = operands(form, m: m, n: n, k: k)
      let c = Tensor(rows: m, columns: n)
      c.fill(.nan)
      compute.multiply(
        .float32(a), .float32(b), transposingA: form.a, transposingB: form.b, into: c)
      #expect(greatestDifference(c.values, naive(a, b, form, m: m, n: n, k: k)) < 1e-5)
    }
  }

  @Test("a batch multiplied through its transpose has the same rows as smaller batches", arguments: [1, 2])
  func swapped(threads: Int) {
    let compute = Compute(threads: threads)
    let (a, b) = operands(Transposition(a: false, b: true), m: 48, n: 530, k: 515)
    let c = Tensor(rows: 48, columns: 530)
    c.fill(.nan)
    compute.multiply(.float32(a), .float32(b), transposingB: true, into: c)
    let rows = (0..<48).flatMap { row in
      let one = Tensor(rows: 1, columns: 515, values: Array(a.values[row * 515..<(row + 1) * 515]))
      let output = Tensor(rows: 1, columns: 530)
      compute.multiply(.float32(one), .float32(b), transposingB: true, into: output)
      return output.values
    }
    #expect(greatestDifference(c.values, rows) < 1e-4)
  }

  @Test("a batched product equals the single products", arguments: Transposition.all, [1, 2])
  func several(form: Transposition, threads: Int) {
    let compute = Compute(threads: threads)
    let (m, n, k, count) = (20, 19, 33, 3)
    let pairs = (0..<count).map { operands(form, m: m, n: n, k: k, seed: UInt64(2 * $0 + 1)) }
    func joined(_ tensors: [Tensor]) -> Tensor {
      Tensor(rows: count * tensors[0].rows, columns: tensors[0].columns, values: tensors.flatMap(\.values))
    }
    let result = Tensor(rows: count * m, columns: n)
    for adds in [false, true] {
      compute.multiply(
        count: count, joined(pairs.map(\.0)), joined(pairs.map(\.1)), transposingA: form.a, transposingB: form.b,
        adding: adds, into: result)
      let expected = pairs.flatMap { naive($0.0, $0.1, form, m: m, n: n, k: k) }.map { adds ? 2 * $0 : $0 }
      #expect(greatestDifference(result.values, expected) < 1e-4)
    }
  }

  @Test(
    "±1 times small integers is exact, in both precisions", arguments: Transposition.all,
    Precision.allCases.filter(\.isSupported))
  func signs(form: Transposition, precision: Precision) {
    let (m, n, k) = (9, 11, 130)
    let compute = Compute(threads: 2)
    let (a, b) = operands(form, m: m, n: n, k: k)
    let signs = Tensor(rows: a.rows, columns: a.columns, values: a.values.map { $0 < 0 ? -1 : 1 })
    // Integers up to 100 are exact in bfloat16's eight bits.
    let integers = Tensor(
      rows: b.rows, columns: b.columns, values: b.values.map { ($0 * 100).rounded(.towardZero) })
    let c = Tensor(rows: m, columns: n)
    let left = compute.operand(signs, precision, scratch: HalfTensor(rows: 0, columns: a.columns))
    let right = compute.operand(integers, precision, scratch: HalfTensor(rows: 0, columns: b.columns))
    compute.multiply(left, right, transposingA: form.a, transposingB: form.b, into: c)
    #expect(c.values == naive(signs, integers, form, m: m, n: n, k: k))
  }

  @Test("bfloat16 rounds the operands only", .enabled(if: Precision.bfloat16.isSupported), arguments: Transposition.all)
  func bfloat16(form: Transposition) {
    let (m, n, k) = (6, 5, 40)
    let compute = Compute(threads: 1)
    let (a, b) = operands(form, m: m, n: n, k: k)
    let left = compute.operand(a, .bfloat16, scratch: HalfTensor(rows: 0, columns: a.columns))
    let right = compute.operand(b, .bfloat16, scratch: HalfTensor(rows: 0, columns: b.columns))
    let c = Tensor(rows: m, columns: n)
    compute.multiply(left, right, transposingA: form.a, transposingB: form.b, into: c)
    let (roundedA, roundedB) = (
      Tensor(rows: a.rows, columns: a.columns, values: left.values),
      Tensor(rows: b.rows, columns: b.columns, values: right.values)
    )
    #expect(greatestDifference(c.values, naive(roundedA, roundedB, form, m: m, n: n, k: k)) < 1e-5)
    #expect(greatestDifference(c.values, naive(a, b, form, m: m, n: n, k: k)) > 1e-5)
  }

  @Test("each batch size has its own product")
  func shapes() {
    let compute = Compute(threads: 1)
    let weights = Tensor(rows: 3, columns: 4, seed: 5)
    for rows in [2, 5, 2] {
      let input = Tensor(rows: rows, columns: 4, seed: UInt64(rows))
      let output = Tensor(rows: rows, columns: 3)
      compute.multiply(.float32(input), .float32(weights), transposingB: true, into: output)
      let expected = naive(input, weights, Transposition(a: false, b: true), m: rows, n: 3, k: 4)
      #expect(greatestDifference(output.values, expected) < 1e-6)
    }
  }
}
