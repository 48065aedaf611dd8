private import Dispatch
private import Foundation
internal import NeuralNetworks
private import Synchronization
package import Tensors

/// A training to be timed, on the thread that created it.
final class BenchmarkTraining {
  private let compute: Compute
  private let network: Network
  private let workspace = Workspace()
  private let images: Tensor
  private let labels: [UInt8]
  private let gradient: Tensor
  private let isStochastic: Bool
  private var optimizer: Optimizer
  private var step = 0

  /// Creates the network of `benchmark`, with random images.
  init(_ benchmark: TrainingBenchmark) {
    compute = Compute(threads: benchmark.threads)
    let (network, images, classes) = benchmark.makeNetwork(compute)
    (self.network, self.images) = (network, images)
    compute.fillUniform(images, from: 0, to: 1, random: RandomStream(seed: 1, stream: 1, step: 0))
    labels = (0..<benchmark.batch).map { UInt8($0 * 7 % classes) }
    gradient = Tensor(rows: 0, columns: classes)
    isStochastic = benchmark.isStochastic
    optimizer = Optimizer(kind: benchmark.optimizer == .adam ? .adam : .sgd, state: benchmark.optimizerState)
  }

  /// Bytes of activations that a step keeps from the forward pass for the backward pass.
  var activationBytes: Int { network.keptBytes(input: images) }

  /// Runs training steps.
  func train(steps: Int) {
    for _ in 0..<steps {
      let pass = PassContext(compute: compute, isTraining: true, seed: 1, step: step, workspace: workspace)
      if isStochastic {
        network.drawBinaryWeights(
          clipValue: optimizer.clipValue, firstStream: NetworkLayout.Streams.binaryWeights, pass)
      }
      let logits = network.forward(images, pass)
      _ = Loss.crossEntropy.value(logits, labels: labels, gradient: gradient, compute)
      network.backward(gradient, pass)
      _ = optimizer.update(network.parameters, learningRate: 1e-3, pass)
      step += 1
    }
  }
}

/// Times whole training steps: forward pass, loss, backward pass, update, on images that are already prepared.
package struct TrainingBenchmark: Sendable {
  /// What to train.
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

  /// The network.
  package enum Net: String, Codable, Sendable, CaseIterable {
    /// 784-2048×3-10.
    case mlp
    /// 3×3 convolutions with 50, 100 and 200 filters on 32×32×3, each with pooling, then 500 units.
    case conv
  }

  /// The network.
  package var net: Net
  /// What to train.
  package var kind: Kind
  /// Whether binary weights are stochastic.
  package var isStochastic: Bool
  /// The dropout rate of hidden units.
  package var dropout: Float
  /// The optimizer.
  package var optimizer: Rule
  /// The precision of products of two float operands.
  package var precision: Precision
  /// The precision of the optimizer's moments.
  package var optimizerState: Precision
  /// Number of threads.
  package var threads: Int
  /// Images per batch.
  package var batch: Int

  /// - Parameters:
  /// - dropout: nil for 0.5 with the multilayer perceptron's baseline, otherwise 0.
  /// - batch: nil for 256, or 128 with the convolutional network.
  package init(
    net: Net = .mlp, kind: Kind, isStochastic: Bool = false, dropout: Float? = nil, optimizer: Rule = .adam,
    precision: Precision = .preferred, optimizerState: Precision = .float32, threads: Int = 1, batch: Int? = nil
  ) {
    self.net = net
    self.kind = kind
    self.isStochastic = isStochastic
    self.dropout = dropout ?? (kind == .baseline && net == .mlp ? 0.5 : 0)
    self.optimizer = optimizer
    self.precision = precision
    self.optimizerState = optimizerState
    self.threads = threads
    self.batch = batch ?? (net == .mlp ? 256 : 128)
  }

  /// Results.
  package struct Result: Encodable {
    /// Seconds per step, the shortest of several means; with several lanes, the time in which each does one step.
    package var secondsPerStep: Double
    /// Bytes of activations that a step keeps from the forward pass for the backward pass.
    package var activationBytes: Int
  }

  /// Times each of `benchmarks` for `steps` steps, alternately, `rounds` times.
  package static func run(_ benchmarks: [TrainingBenchmark], steps: Int, rounds: Int) -> [Result] {
    let trainings = benchmarks.map { BenchmarkTraining($0) }
    for training in trainings { training.train(steps: warmUp) }
    let seconds = Stopwatch.shortest(rounds: rounds, trainings.map { training in { training.train(steps: steps) } })
    return zip(trainings, seconds).map { training, seconds in
      Result(secondsPerStep: seconds / Double(steps), activationBytes: training.activationBytes)
    }
  }

  /// Times `lanes` networks at the same time, as the lanes of an experiment: each on its own thread with its own
  /// `threads`. A round starts when all are ready, and ends with the last one.
  package func run(lanes: Int, steps: Int, rounds: Int) -> Result {
    let (ready, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let starts = (0..<lanes).map { _ in DispatchSemaphore(value: 0) }
    let activationBytes = Atomic<Int>(0)
    for start in starts {
      let thread = Thread {
        let training = BenchmarkTraining(self)
        training.train(steps: TrainingBenchmark.warmUp)
        activationBytes.store(training.activationBytes, ordering: .relaxed)
        for _ in 0..<rounds {
          ready.signal()
          start.wait()
          training.train(steps: steps)
          done.signal()
        }
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    var seconds = Double.infinity
    for _ in 0..<rounds {
      for _ in starts { ready.wait() }
      let begin = ContinuousClock.now
      for start in starts { start.signal() }
      for _ in starts { done.wait() }
      seconds = min(seconds, (ContinuousClock.now - begin) / .seconds(1))
    }
    return Result(
      secondsPerStep: seconds / Double(steps), activationBytes: activationBytes.load(ordering: .relaxed))
  }

  // Untimed steps at the start, which allocate memory and create primitives.
  private static let warmUp = 3
}
