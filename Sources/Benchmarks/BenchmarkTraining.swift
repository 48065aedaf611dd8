internal import NeuralNetworks
internal import Tensors

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
