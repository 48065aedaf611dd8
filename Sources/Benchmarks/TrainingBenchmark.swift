private import Dispatch
private import Foundation
internal import NeuralNetworks
private import Synchronization
package import Tensors

/// A network that is trained to be timed, on the thread that has made it.
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

  /// A network as `benchmark` says, with random images.
  init(_ benchmark: TrainingBenchmark) {
    compute = Compute(threads: benchmark.threads)
    let (network, images, classes) = benchmark.makeNetwork(compute)
    (self.network, self.images) = (network, images)
    compute.fillUniform(images, from: 0, to: 1, random: RandomStream(seed: 1, stream: 1, step: 0))
    labels = (0..<benchmark.batch).map { UInt8($0 * 7 % classes) }
    gradient = Tensor(rows: 0, columns: classes)
    isStochastic = benchmark.isStochastic
    optimizer = Optimizer(kind: benchmark.optimizer == .adam ? .adam : .sgd)
  }

  /// Bytes that a step keeps from its forward pass for the backward one.
  var activationBytes: Int { network.keptBytes(input: images) }

  /// Does so many steps.
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
      _ = optimizer.update(network.parameters, learningRate: 1e-3, compute)
      step += 1
    }
  }
}

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

  /// The network's shape.
  package enum Net: String, Codable, Sendable, CaseIterable {
    /// 784-2048×3-10.
    case mlp
    /// 3×3 convolutions of 50, 100 and 200 filters on 32×32×3, each with pooling, then 500 units.
    case conv
  }

  /// The network's shape.
  package var net: Net
  /// What is trained.
  package var kind: Kind
  /// Whether binary weights are drawn for each batch.
  package var isStochastic: Bool
  /// The share of hidden units that is dropped.
  package var dropout: Float
  /// The optimizer.
  package var optimizer: Rule
  /// How products of real operands are rounded.
  package var precision: Precision
  /// Threads to compute with.
  package var threads: Int
  /// Images in a batch.
  package var batch: Int

  /// A benchmark.
  /// - Parameters:
  ///   - dropout: a half for the multilayer perceptron's baseline and none elsewhere, where nothing is said.
  ///   - batch: 256, of the convolutional network 128, where nothing is said.
  package init(
    net: Net = .mlp, kind: Kind, isStochastic: Bool = false, dropout: Float? = nil, optimizer: Rule = .adam,
    precision: Precision = .preferred, threads: Int = 1, batch: Int? = nil
  ) {
    self.net = net
    self.kind = kind
    self.isStochastic = isStochastic
    self.dropout = dropout ?? (kind == .baseline && net == .mlp ? 0.5 : 0)
    self.optimizer = optimizer
    self.precision = precision
    self.threads = threads
    self.batch = batch ?? (net == .mlp ? 256 : 128)
  }

  /// What was measured.
  package struct Result: Encodable {
    /// Seconds of a step, the shortest of several means; of several lanes, those in which each does a step.
    package var secondsPerStep: Double
    /// Bytes that a step keeps from its forward pass for the backward one.
    package var activationBytes: Int
  }

  /// Times each of `benchmarks` for `steps` steps, in turn, `rounds` times over.
  package static func run(_ benchmarks: [TrainingBenchmark], steps: Int, rounds: Int) -> [Result] {
    let trainings = benchmarks.map { BenchmarkTraining($0) }
    for training in trainings { training.train(steps: warmUp) }
    let seconds = Stopwatch.shortest(rounds: rounds, trainings.map { training in { training.train(steps: steps) } })
    return zip(trainings, seconds).map { training, seconds in
      Result(secondsPerStep: seconds / Double(steps), activationBytes: training.activationBytes)
    }
  }

  /// Times `lanes` networks at once, as the lanes of an experiment are trained: each on a thread of its own, with its own
  /// `threads`. A round begins when all are ready and ends with the last one.
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

  // Steps before the clock runs: memory is there then, and primitives are made.
  private static let warmUp = 3
}
