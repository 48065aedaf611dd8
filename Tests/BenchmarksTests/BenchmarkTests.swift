import Benchmarks
import Tensors
import Testing

@Suite("Benchmarks")
struct BenchmarkTests {
  @Test("a product's figures are there for every instruction set", arguments: BitKernels.all.map(\.name))
  func products(name: String) throws {
    let kernels = try #require(BitKernels.all.first { $0.name == name })
    let shape = ProductBenchmark.Shape(rows: 3, depth: 70, columns: 5)
    let result = ProductBenchmark.run(shape, kernels, rounds: 1)
    #expect(result.kernels == name)
    for figure in [result.signs, result.floatsWithSigns, result.floats, result.popcount, result.ceiling] {
      #expect(figure.isFinite && figure > 0)
    }
  }

  @Test("a convolution's figures are there for every instruction set", arguments: BitKernels.all.map(\.name))
  func convolution(name: String) throws {
    let kernels = try #require(BitKernels.all.first { $0.name == name })
    let benchmark = ConvolutionBenchmark(
      input: ImageShape(height: 4, width: 5, channels: 70), filters: 6, batch: 2)
    let result = benchmark.run(kernels, rounds: 1)
    #expect(result.kernels == name)
    for figure in [result.signs, result.floats, result.ceiling] { #expect(figure.isFinite && figure > 0) }
  }

  @Test("a binary network keeps at most an eighth of the baseline's activations")
  func activations() {
    func kept(_ kind: TrainingBenchmark.Kind) -> Int {
      let benchmark = TrainingBenchmark(kind: kind, precision: .float32, batch: 64)
      return TrainingBenchmark.run([benchmark], steps: 1, rounds: 1)[0].activationBytes
    }
    #expect(kept(.bnn) * 8 <= kept(.baseline))
  }
}
