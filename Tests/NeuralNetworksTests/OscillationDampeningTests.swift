import EngineProtocol
import NeuralNetworks
import Tensors
import Testing

@Suite struct OscillationDampeningTests {
  private let compute = Compute(threads: 2)

  private struct Pass: Decodable {
    var weight, weightGradient: [Float]
  }

  @Test("the gradient agrees with PyTorch", arguments: ["signs", "scaledSigns"])
  func dampening(name: String) throws {
    let pass = (try Fixture.read("dampening") as [String: Pass])[name]
    let expected = try #require(pass)
    let scaling = name == "signs" ? nil : WeightScaling(channels: nil, gradient: .constant)
    let parameter = Parameter(
      name: "w", rows: 3, columns: 19, isBinary: true, operandPrecision: .float32, scaling: scaling)
    parameter.value.set(expected.weight)
    compute.prepareOperand(of: parameter, .signs)
    parameter.gradient.fill(0)
    compute.dampen(parameter, strength: 2 * 0.25)
    #expect(greatestDifference(parameter.gradient.values, expected.weightGradient) < 5e-6)
    // Weights that are not quantized are not drawn to any value.
    compute.prepareOperand(of: parameter, .values)
    parameter.gradient.fill(0)
    compute.dampen(parameter, strength: 1)
    #expect(parameter.gradient.values.allSatisfy { $0 == 0 })
  }

  @Test("ternary weights are drawn to the value that stands for them, from a strength of 0 on")
  func regularizer() throws {
    var plan = NetworkPlan(hidden: [8], method: .ternary, options: ["ternaryThreshold": .number(0.25)])
    plan.options[.oscillationDampening] = .number(0.5)
    let network = try plan.makeNetwork(inputs: 12, classes: 3, precision: .float32, seed: 1, compute)
    let weights = try #require(network.parameters.first)
    let levels = try #require(weights.operandValues)
    #expect(Set(levels) == [-1, 0, 1])
    for (progress, strength) in [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)] as [(Double, Float)] {
      for parameter in network.parameters { parameter.gradient.fill(0.125) }
      network.regularize(plan, progress: progress, compute)
      let expected = zip(weights.value.values, levels).map { w, q in
        0.125 + (abs(w) <= 1 ? strength * (w - q) : 0)
      }
      #expect(greatestDifference(weights.gradient.values, expected) < 1e-6)
      #expect(network.parameters.filter { !$0.isLatent }.allSatisfy { $0.gradient.values.allSatisfy { $0 == 0.125 } })
    }
  }
}
