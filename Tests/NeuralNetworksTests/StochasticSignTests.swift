import NeuralNetworks
import Tensors
import Testing

@Suite("Drawn sign activations")
struct StochasticSignTests {
  private let compute = Compute(threads: 2)

  private func context(isTraining: Bool = true, step: Int = 3, threads: Int = 2) -> PassContext {
    PassContext(compute: Compute(threads: threads), isTraining: isTraining, seed: 9, step: step)
  }

  private func layer() -> SignActivation {
    let layer = SignActivation(name: "s", features: 200, stream: 7)
    layer.isStochastic = true
    return layer
  }

  @Test("they follow the hard sigmoid", arguments: [-1.5, -1, -0.5, 0, 0.25, 1, 2] as [Float])
  func frequency(value: Float) {
    let input = Tensor(rows: 100, columns: 200)
    input.fill(value)
    let output = layer().output(of: input, context()).values
    #expect(output.allSatisfy { abs($0) == 1 })
    let probability = min(1, max(0, (value + 1) / 2))
    let deviation = (probability * (1 - probability) / Float(output.count)).squareRoot()
    #expect(abs(Float(output.count { $0 == 1 }) / Float(output.count) - probability) <= 5 * deviation)
  }

  @Test("they do not depend on threads, but on the step; gradient and test are those of the sign")
  func draws() {
    let input = Tensor(rows: 60, columns: 200, seed: 4, from: -1.5, to: 1.5)
    let gradient = Tensor(rows: 60, columns: 200, seed: 5)
    let (drawn, plain) = (layer(), SignActivation(name: "s", features: 200))
    let output = drawn.output(of: input, context()).values
    for threads in [1, 3] { #expect(layer().output(of: input, context(threads: threads)).values == output) }
    #expect(layer().output(of: input, context(step: 4)).values != output)
    let expected = plain.output(of: input, context()).values
    #expect(output != expected)
    let passed = drawn.inputGradient(gradient, context()).values
    #expect(passed == plain.inputGradient(gradient, context()).values)
    #expect(drawn.output(of: input, context(isTraining: false)).values == expected)
  }

  @Test("behind a normalization they are drawn from its output", arguments: [1, 2])
  func fused(threads: Int) {
    func normalization(_ activation: BatchNormalization.Activation) -> BatchNormalization {
      let layer = BatchNormalization(
        name: "n", features: 200, numbers: .init(epsilon: 1e-3, momentum: 0.9), activation: activation, stream: 7)
      layer.shift.value.copy(from: Tensor(rows: 1, columns: 200, seed: 6))
      layer.isStochastic = true
      return layer
    }
    let input = Tensor(rows: 60, columns: 200, seed: 4)
    let (fused, plain) = (normalization(.sign), normalization(.identity))
    let context = context(threads: threads)
    let output = fused.output(of: input, context).values
    #expect(output == layer().output(of: plain.output(of: input, context), context).values)
    #expect(fused.output(of: input, self.context(isTraining: false)).values != output)
  }

  private static let block = LayerPlan.residual(
    [.activation(nil), .linear(outputs: 70, isBinary: nil), .batchNormalization], shortcut: .identity)

  @Test(
    "layers of a network draw from streams of their own, those of blocks too",
    arguments: [
      nil,
      [
        .linear(outputs: 70, isBinary: nil), .batchNormalization, block, block, .linear(outputs: nil, isBinary: nil),
      ],
    ] as [[LayerPlan]?])
  func streams(layers: [LayerPlan]?) throws {
    let plan = NetworkPlan(
      hidden: layers == nil ? [70, 70] : [], layers: layers, method: .bnn)
    let network = try plan.makeNetwork(inputs: 70, classes: 3, precision: .float32, seed: 1, compute)
    let input = Tensor(rows: 4, columns: 70)
    let drawn = network.layers.compactMap { $0 as? SignActivation }.map { layer -> [Float] in
      layer.isStochastic = true
      return layer.output(of: input, context()).values
    }
    #expect(drawn.count == 2)
    #expect(drawn[0] != drawn[1])
  }
}
