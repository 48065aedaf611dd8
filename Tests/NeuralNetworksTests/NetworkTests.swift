import NeuralNetworks
import Tensors
import Testing

@Suite("Networks and optimizers")
struct NetworkTests {
  /// A method, with a plan of a tiny network.
  enum Training: String, CaseIterable, Sendable {
    case baseline, deterministic, stochastic, binary

    var plan: NetworkPlan {
      NetworkPlan(
        hidden: [32, 32], method: self == .binary ? .bnn : self == .baseline ? .baseline : .binaryConnect,
        batchNormalization: self == .baseline ? nil : .init(epsilon: 1e-4, momentum: 0.9),
        normalizesOutput: self != .baseline, scalesUpdates: self != .baseline,
        initialization: self == .baseline ? .he : .glorot)
    }
  }

  private let input = Tensor(rows: 12, columns: 8, seed: 4)
  private let labels: [UInt8] = [0, 1, 2, 0, 1, 2, 2, 1, 0, 0, 2, 1]

  /// The result of a training.
  private struct Result {
    var losses: [Double] = []
    var correct = 0
    var flips = 0
    var state: [[Float]] = []
  }

  private func train(
    _ method: Training, _ loss: Loss, steps: Int, threads: Int = 1, precision: Precision = .float32
  ) throws -> Result {
    let compute = Compute(threads: threads)
    let network = try method.plan.makeNetwork(inputs: 8, classes: 3, precision: precision, seed: 2, compute)
    var optimizer = Optimizer(kind: .adam)
    let gradient = Tensor(rows: 0, columns: 3)
    var result = Result()
    for step in 0..<steps {
      let context = PassContext(compute: compute, isTraining: true, seed: 2, step: step)
      if method == .stochastic {
        network.drawBinaryWeights(
          clipValue: 1, firstStream: NetworkLayout.Streams.binaryWeights, context)
      }
      let logits = network.forward(input, context)
      result.losses.append(loss.value(logits, labels: labels, gradient: gradient, compute))
      network.backward(gradient, context)
      result.flips += optimizer.update(network.parameters, learningRate: 0.01, context).flips
    }
    network.prepareOperands(.signs, compute)
    let logits = network.forward(input, PassContext(compute: compute, isTraining: false))
    result.correct = compute.countCorrect(logits, labels: labels)
    result.state = network.state.map(\.values)
    return result
  }

  @Test("every method can memorize one batch", arguments: Training.allCases, Loss.allCases)
  func overfit(method: Training, loss: Loss) throws {
    let result = try train(method, loss, steps: method == .stochastic ? 400 : 120)
    #expect(result.correct == labels.count)
    #expect((result.losses.last ?? .infinity) < 0.3 * result.losses[0])
    #expect((result.flips > 0) == (method != .baseline))
  }

  @Test(
    "every method can memorize one batch in bfloat16", .enabled(if: Precision.bfloat16.isSupported),
    arguments: Training.allCases)
  func overfitBFloat16(method: Training) throws {
    #expect(
      try train(method, .squaredHinge, steps: method == .stochastic ? 400 : 120, precision: .bfloat16).correct
        == labels.count)
  }

  @Test("the same seed gives the same bits", arguments: Training.allCases)
  func reproducible(method: Training) throws {
    let (first, second) = (try train(method, .crossEntropy, steps: 5), try train(method, .crossEntropy, steps: 5))
    #expect(first.state == second.state)
    #expect(first.losses == second.losses)
  }

  @Test("weight decay is for weights, not for biases and normalizations")
  func weightDecay() throws {
    let compute = Compute(threads: 1)
    let network = try NetworkPlan(
      hidden: [4], batchNormalization: .init(epsilon: 1e-4, momentum: 0.9)
    ).makeNetwork(inputs: 3, classes: 2, precision: .float32, seed: 1, compute)
    for parameter in network.parameters { parameter.value.fill(1) }
    var optimizer = Optimizer(kind: .sgd, weightDecay: 0.5)
    _ = optimizer.update(network.parameters, learningRate: 0.5, PassContext(compute: compute, isTraining: true))
    #expect(
      network.parameters.map { $0.value.values.allSatisfy { $0 == 0.75 } } == [true, false, false, true, false])
  }

  @Test("initial weights fill their interval", arguments: NetworkPlan.Initialization.allCases)
  func initialization(initialization: NetworkPlan.Initialization) throws {
    let network = try NetworkPlan(
      hidden: [40], initialization: initialization
    ).makeNetwork(inputs: 50, classes: 10, precision: .float32, seed: 1, Compute(threads: 1))
    let bound: Float =
      switch initialization {
      case .glorot: (Float(6) / 90).squareRoot()
      case .he: (Float(6) / 50).squareRoot()
      case .unit: 1
      }
    let weights = network.parameters[0].value.values
    #expect(weights.allSatisfy { abs($0) <= bound })
    #expect((weights.max() ?? 0) > 0.98 * bound && (weights.min() ?? 0) < -0.98 * bound)
    #expect(network.parameters[1].value.values.allSatisfy { $0 == 0 })
    #expect(network.parameters[2].value.values.prefix(40) != weights.prefix(40))
  }

  @Test("settings reach the layers that have them, inside blocks too, and no others")
  func settings() throws {
    let image = ImageShape(height: 3, width: 3, channels: 2)
    let layers: [LayerPlan] = [
      .dropout, .convolution(filters: 2, kernel: 3, stride: 1, border: .same, isBinary: nil), .batchNormalization,
      .residual([.activation(.rsign), .dropout], shortcut: .layers([.activation(.relu)])), .flatten,
      .linear(outputs: nil, isBinary: nil), .batchNormalization,
    ]
    var plan = NetworkPlan(
      layers: layers, batchNormalization: .init(epsilon: 1e-4, momentum: 0.9), inputDropout: 0.1, dropout: 0.2)
    // Signs can't be added.
    #expect(throws: NetworkError.self) { try NetworkLayout(plan, input: image, classes: 2) }
    plan.layers?[3] = .residual(
      [.activation(.rsign), layers[1], .batchNormalization, .dropout], shortcut: .layers([.activation(.relu)]))
    let network = try plan.makeNetwork(input: image, classes: 2, seed: 1, Compute(threads: 1))
    plan.inputDropout = 0.3
    plan.dropout = 0.4
    plan.batchNormalization?.momentum = 0.5
    plan.ste = .approx
    network.apply(LayerSettings(plan, progress: 0, drawsSigns: true))
    #expect(network.layers.compactMap { ($0 as? Dropout)?.rate } == [0.3, 0.4])
    #expect(network.layers.compactMap { ($0 as? BatchNormalization)?.numbers.momentum } == [0.5, 0.5, 0.5])
    #expect(network.layers.compactMap { ($0 as? RSign)?.estimator.kind } == [.approx])
  }

  @Test("the plan decides layers, parameters and names")
  func plan() throws {
    let compute = Compute(threads: 1)
    let plan = Training.binary.plan
    let layout = try NetworkLayout(plan, input: ImageShape(features: 8), classes: 3)
    #expect(layout.description == "8·32·32·3")
    let network = layout.makeNetwork(plan, precision: .float32, seed: 1, compute)
    #expect(network.binaryParameters.map(\.name) == ["hidden1.weights", "hidden2.weights", "output.weights"])
    #expect(network.binaryParameters.map(\.count) == [256, 1_024, 96])
    #expect(network.parameterCount == 256 + 1_024 + 96 + 2 * (32 + 32 + 3))
    #expect(Set(network.parameters.map(\.name)).count == network.parameters.count)
    #expect(Set(network.layers.map(\.name)).count == network.layers.count)
    #expect(network.state.count == network.parameters.count + 6)
    // Glorot's bound is √(6/n) with n = inputs + outputs, the scale 1/√(1.5/n).
    #expect(abs(network.binaryParameters[0].updateScale - (Float(40) / 1.5).squareRoot()) < 1e-5)
  }
}
