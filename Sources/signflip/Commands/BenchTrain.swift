import ArgumentParser
import Benchmarks
import Tensors

struct BenchTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Time training steps of one kind of network, and print one JSON object.")

  @Option(
    help:
      "The network: mlp is 784-2048x3-10; conv has 3x3 convolutions with 50, 100 and 200 filters on 32x32x3, then 500 units."
  )
  var net = TrainingBenchmark.Net.mlp

  @Option(help: "baseline, binaryconnect or bnn.")
  var kind = TrainingBenchmark.Kind.bnn

  @Flag(help: "Use stochastic binary weights instead of the signs.")
  var stochastic = false

  @Option(help: "The dropout rate of hidden units. (default: 0.5 for the baseline of mlp, otherwise 0)")
  var dropout: Float?

  @Option(help: "sgd or adam.")
  var optimizer = TrainingBenchmark.Rule.adam

  @Option(help: "float32 or bfloat16, for products of two float operands. (default: the faster one of this processor)")
  var precision = Precision.preferred

  @Option(help: "float32 or bfloat16, for the moments of Adam.")
  var optimizerState = Precision.float32

  @Option(help: "Number of threads.")
  var threads = 1

  @Option(
    help: "Number of networks trained at the same time, as the lanes of an experiment; images per second are the total."
  )
  var lanes = 1

  @Option(help: "Images per batch. (default: 256, for conv 128)")
  var batch: Int?

  @Option(help: "Steps per round; the best of three rounds counts.")
  var steps = 10

  func validate() throws {
    guard !stochastic || kind != .baseline else {
      throw ValidationError("expected binary weights with --stochastic, found --kind baseline")
    }
    guard (0..<1).contains(dropout ?? 0) else {
      throw ValidationError("expected --dropout from 0 to less than 1, found \(dropout ?? 0)")
    }
    guard optimizer != .sgd || optimizerState == .float32 else {
      throw ValidationError("expected --optimizer adam with --optimizer-state bfloat16, found sgd without moments")
    }
    guard precision.isSupported else {
      throw ValidationError("expected a precision that this processor multiplies in, found \(precision.rawValue)")
    }
    for (name, value, range) in [
      ("--threads", threads, 1...1024), ("--lanes", lanes, 1...64), ("--batch", batch ?? 2, 2...65_536),
      ("--steps", steps, 1...100_000),
    ] where !range.contains(value) {
      throw ValidationError("expected \(name) from \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
  }

  func run() throws {
    let benchmark = TrainingBenchmark(
      net: net, kind: kind, isStochastic: stochastic, dropout: dropout, optimizer: optimizer, precision: precision,
      optimizerState: optimizerState, threads: threads, batch: batch)
    let line = BenchLine(
      benchmark, benchmark.run(lanes: lanes, steps: steps, rounds: 3), lanes: lanes)
    try StandardStream.output.print(JSONLines.text(line))
  }
}

extension TrainingBenchmark.Net: ExpressibleByArgument {}
extension TrainingBenchmark.Kind: ExpressibleByArgument {}
extension TrainingBenchmark.Rule: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}

/// A training step's figures, with the names that the scripts in Tests/Peers use.
struct BenchLine: Encodable {
  var peer, net, kind, optimizer, precision, kernels: String
  var stochastic: Bool
  var dropout: Float
  var threads, lanes, batch: Int
  var millisecondsPerStep: Double
  var imagesPerSecond: Int
  var activationBytes, peakResidentBytes: Int

  init(_ benchmark: TrainingBenchmark, _ result: TrainingBenchmark.Result, lanes: Int = 1) {
    peer = "signflip \(Signflip.version)"
    net = benchmark.net.rawValue
    kind = benchmark.kind.rawValue
    stochastic = benchmark.isStochastic
    dropout = benchmark.dropout
    optimizer = benchmark.optimizer.rawValue
    precision = benchmark.precision.rawValue
    kernels = BitKernels.best.name
    threads = benchmark.threads
    self.lanes = lanes
    batch = benchmark.batch
    millisecondsPerStep = (result.secondsPerStep * 1e5).rounded() / 100
    imagesPerSecond = Int((Double(lanes * benchmark.batch) / result.secondsPerStep).rounded())
    activationBytes = result.activationBytes
    peakResidentBytes = PeakMemory.bytes
  }
}
