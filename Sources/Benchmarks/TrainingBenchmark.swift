private import Dispatch
internal import NeuralNetworks
private import Synchronization
package import Tensors

/// Times whole training steps: forward, loss, backward, update, on images that are there already.
package struct TrainingBenchmark: Sendable {
  /// What is trained.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// Float weights, ReLU, dropout.
    case baseline
    /// Binary weights, batch normalization, ReLU.
    case binaryconnect
    /// Binary weights and activations, batch normalization.
    case bnn
  }

  /// The optimizer.
  package enum Rule: String, Codable, Sendable, CaseIterable {
    case sgd, adam
  }

  /// What is trained: 784-2048×3-10.
  package var kind: Kind
  /// Whether binary weights are drawn for each batch.
  package var isStochastic: Bool
  /// The optimizer.
  package var optimizer: Rule
  /// How products of real operands are rounded.
  package var precision: Precision
  /// Threads to compute with.
  package var threads: Int
  /// Images in a batch.
  package var batch: Int

  /// A benchmark of the multilayer perceptron 784-2048×3-10.
  package init(
    kind: Kind, isStochastic: Bool = false, optimizer: Rule = .adam, precision: Precision = .preferred,
    threads: Int = 1, batch: Int = 256
  ) {
    self.kind = kind
    self.isStochastic = isStochastic
    self.optimizer = optimizer
    self.precision = precision
    self.threads = threads
    self.batch = batch
  }

  /// What was measured.
  package struct Result: Encodable {
    /// Seconds of a step, the shortest of several means.
    package var secondsPerStep: Double
    /// Bytes that a step keeps from its forward pass for the backward one.
    package var activationBytes: Int
  }

  /// Trains for `rounds` times `steps` steps, after three that are not timed.
  package func run(steps: Int, rounds: Int = 3) -> Result {
    let compute = Compute(threads: threads)
    let isBaseline = kind == .baseline
    let plan = MultilayerPerceptron(
      inputs: 784, hidden: [2048, 2048, 2048], classes: 10, activation: kind == .bnn ? .sign : .relu,
      hasBinaryWeights: !isBaseline,
      batchNormalization: isBaseline ? nil : BatchNormalizationNumbers(epsilon: 1e-5, momentum: 0.9),
      dropout: isBaseline ? 0.5 : 0, scalesUpdates: false, initialization: isBaseline ? .glorot : .unit)
    let network = plan.makeNetwork(precision: precision, seed: 1, compute)
    let workspace = Workspace()
    let images = Tensor(rows: batch, columns: plan.inputs)
    compute.fillUniform(images, from: 0, to: 1, random: RandomStream(seed: 1, stream: 1, step: 0))
    let labels = (0..<batch).map { UInt8($0 * 7 % plan.classes) }
    let gradient = Tensor(rows: 0, columns: plan.classes)
    var rule = Optimizer(kind: optimizer == .adam ? .adam : .sgd)
    var done = 0
    func step() {
      let pass = PassContext(compute: compute, isTraining: true, seed: 1, step: done, workspace: workspace)
      if isStochastic {
        network.drawBinaryWeights(
          clipValue: rule.clipValue, firstStream: MultilayerPerceptron.Streams.binaryWeights, pass)
      }
      let logits = network.forward(images, pass)
      _ = Loss.crossEntropy.value(logits, labels: labels, gradient: gradient, compute)
      network.backward(gradient, pass)
      _ = rule.update(network.parameters, learningRate: 1e-3, compute)
      done += 1
    }
    for _ in 0..<3 { step() }
    let seconds = Stopwatch.shortest(rounds: rounds, [{ for _ in 0..<steps { step() } }])
    return Result(
      secondsPerStep: seconds[0] / Double(steps), activationBytes: network.keptBytes(input: images))
  }

  /// Trains `lanes` networks at once, each on a thread of its own with its own `threads`.
  /// - Returns: as `run`, with the seconds in which all lanes together do as many steps as there are lanes.
  package func run(lanes: Int, steps: Int) -> Result {
    guard lanes > 1 else { return run(steps: steps) }
    let slowest = Mutex(Result(secondsPerStep: 0, activationBytes: 0))
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      // One round: the shortest of several would be one in which the others had ended.
      let result = run(steps: 3 * steps, rounds: 1)
      slowest.withLock { if result.secondsPerStep > $0.secondsPerStep { $0 = result } }
    }
    return slowest.withLock { $0 }
  }
}
