import ArgumentParser
import Benchmarks
import Tensors

struct BenchTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Time training steps of one kind of network, and print one JSON object.")

  @Option(
    help: "The network: mlp is 784-2048x3-10, conv 3x3 convolutions of 50, 100, 200 filters on 32x32x3, then 500.")
  var net = TrainingBenchmark.Net.mlp

  @Option(help: "baseline, binaryconnect or bnn.")
  var kind = TrainingBenchmark.Kind.bnn

  @Flag(help: "Draw binary weights for each batch, in place of their signs.")
  var stochastic = false

  @Option(help: "The share of hidden units dropped. (default: 0.5 for the baseline of mlp, else 0)")
  var dropout: Float?

  @Option(help: "sgd or adam.")
  var optimizer = TrainingBenchmark.Rule.adam

  @Option(help: "float32 or bfloat16, for products of two real operands. (default: the processor's faster one)")
  var precision = Precision.preferred

  @Option(help: "Threads to compute with.")
  var threads = 1

  @Option(help: "Networks trained at once, as the lanes of an experiment are; images per second are those of all.")
  var lanes = 1

  @Option(help: "Images in a batch. (default: 256, of conv 128)")
  var batch: Int?

  @Option(help: "Steps in a round; the best of three rounds counts.")
  var steps = 10

  func validate() throws {
    guard !stochastic || kind != .baseline else {
      throw ValidationError("expected binary weights with --stochastic, found --kind baseline")
    }
    guard (0..<1).contains(dropout ?? 0) else {
      throw ValidationError("expected --dropout from 0 to less than 1, found \(dropout ?? 0)")
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
      threads: threads, batch: batch)
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
